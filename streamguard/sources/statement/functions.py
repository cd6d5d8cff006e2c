"""Which functions of a projection are known to return nothing but what they are given."""

from __future__ import annotations

from typing import Final

from streamguard.sources.statement.words import words

HARMLESS: Final = words(
    """
    abs age any_value array array_append array_cat array_length array_position array_remove array_to_json
    array_to_string ascii avg bit_length btrim bool_and bool_or cardinality cbrt ceil ceiling char_length
    character_length chr coalesce concat concat_ws convert_from convert_to corr count crc32 cume_dist
    current_database current_schema current_schemas current_setting current_user date date_bin date_diff
    date_part date_trunc decode degrees dense_rank digest div encode every exp first_value floor format
    format_type gen_random_uuid get_byte greatest has_table_privilege hex host initcap inet_client_addr isempty
    isfinite json json_agg json_agg_strict json_array json_array_length json_array_elements
    json_array_elements_text json_build_array json_build_object json_each json_each_text json_extract_path
    json_extract_path_text json_object json_object_agg json_object_keys json_typeof jsonb_agg jsonb_agg_strict
    jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object
    jsonb_each jsonb_each_text jsonb_extract_path jsonb_extract_path_text jsonb_object jsonb_object_agg
    jsonb_object_keys jsonb_path_query jsonb_path_query_array jsonb_path_query_first jsonb_pretty jsonb_set
    jsonb_strip_nulls jsonb_typeof json_strip_nulls justify_days justify_hours lag last_value lead least left
    length ln log log10 lower lower_inf lpad ltrim make_date make_interval make_timestamp make_timestamptz
    mask max md5 min mod mode netmask network normalize now nth_value ntile nullif num_nonnulls num_nulls
    numrange obj_description octet_length overlay parse_ident percent_rank percentile_cont percentile_disc
    pg_backend_pid pg_column_size pg_get_constraintdef pg_get_expr pg_get_functiondef pg_get_indexdef
    pg_get_userbyid pg_get_viewdef pg_is_in_recovery pg_relation_size pg_rotate_logfile pg_size_pretty
    pg_sleep pg_table_is_visible pg_total_relation_size pg_typeof pi position power quote_ident quote_literal
    quote_nullable radians random range_merge rank regexp_count regexp_instr regexp_like regexp_match
    regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr regr_slope repeat
    replace reverse right round row row_number row_to_json rpad rtrim scale set_config set_bit sha224 sha256
    sha384 sha512 shobj_description sign similarity split_part sqrt starts_with statement_timestamp stddev
    stddev_pop stddev_samp string_agg string_to_array string_to_table strpos substr substring sum
    table_is_visible text timeofday timezone to_ascii to_char to_date to_hex to_json to_jsonb to_number
    to_timestamp to_tsquery to_tsvector translate trim trunc ts_headline ts_rank unaccent unnest upper upper_inf
    uuid_generate_v4 var_pop var_samp variance version width_bucket word_similarity xmlagg xmlconcat xmlelement
    xmlforest xmlserialize xpath txid_current pg_current_xact_id transaction_timestamp clock_timestamp
    generate_series generate_subscripts json_populate_record json_populate_recordset json_to_record
    json_to_recordset jsonb_populate_record jsonb_populate_recordset jsonb_to_record jsonb_to_recordset
    regexp_split ifnull nvl date_format concat_group group_concat if isnull last_insert_id found_rows
    pg_options_to_table pg_get_keywords pg_timezone_names pg_show_all_settings pg_stat_get_activity
    add_months array_contains array_sort array_distinct array_join bit_and bit_or bit_xor bit_count charindex
    checksum choose collect_list collect_set connection_id conv curdate curtime datalength dateadd datediff
    datename datepart dayname dayofmonth dayofweek dayofyear db_name element_at elt empty2null eomonth
    farm_fingerprint field find_in_set flatten from_base64 from_json from_unixtime get_json_object getdate
    getutcdate hash host_name hour iff iif inet_aton inet_ntoa inet6_ntoa instr is_numeric isdate isjson isnumeric
    json_arrayagg json_contains json_extract json_extract_scalar json_keys json_length json_modify json_object
    json_objectagg json_parse json_query json_size json_unquote json_value last_day len listagg locate makedate
    map_agg map_keys map_values median microsecond minute month monthname months_between multimap_agg nchar newid
    next_day nvl2 object_agg object_construct object_id object_keys object_name openjson ora_hash parse_json
    parsename patindex period_diff quarter quotename rawtohex regexp_extract replicate reverse sec_to_time second
    seq4 sha sha1 sha2 sha2_hex size soundex space square stdevp stdev str str_to_date string_split strcmp stuff
    subdate substring_index suser_name suser_sname sys_context sys_guid sysdatetime time_format time_to_sec
    timestampadd timestampdiff to_array to_base64 to_boolean to_clob to_days to_decimal to_nchar to_object
    to_unixtime to_variant transform try_cast try_convert try_parse_json try_to_number typeof ucase unhex unicode
    unistr unix_timestamp user_name userenv utc_date utc_timestamp uuid uuid_string wm_concat week weekday
    currval lastval nextval values xxhash64 year zeroifnull
    """
)
"""Built-in functions whose result depends on their arguments and on no table of the customer.

Any other function may read what it likes (it can be the employee's own), so its result is not known.
"""

WITHOUT_VALUES: Final = words("count approx_count_distinct regr_count pg_typeof pg_column_size grouping")
"""Functions that tell nothing of the values they are given."""
