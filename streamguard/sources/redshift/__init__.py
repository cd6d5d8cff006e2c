"""Amazon Redshift: the user-activity log and rows of SYS_QUERY_HISTORY."""
