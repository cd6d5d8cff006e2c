-- The shop's real size: what `servers.postgres` made is emptied and filled anew. Twelve countries of unequal size.
truncate customers, orders, payments, order_items, tickets cascade;
insert into customers
select n, 'customer' || n || '@example.com', '+49 30 5550' || lpad(n::text, 6, '0'), 'Customer ' || n,
       'Street ' || n % 300, 'City ' || n % 50,
       (array['DE','DE','DE','DE','FR','FR','FR','GB','GB','IT','IT','ES','ES','PL','NL','BE','AT','SE','DK','PT'])[1 + n * 7919 % 20],
       date '1950-01-01' + n % 18000, timestamptz '2024-01-01 00:00+00' + n * interval '1 minute',
       lpad((n % 90000)::text, 5, '0'), null, 'retail'
from generate_series(1, 200000) as n;
-- Some customers order often, many never.
insert into orders
select n, 1 + (n::bigint * n) % 200000, (array['open', 'sent', 'paid'])[1 + n % 3], n % 400 + 0.99,
       timestamptz '2025-01-01 00:00+00' + n * interval '1 minute'
from generate_series(1, 100000) as n;
insert into addresses
select 1 + n * 3 % 200000, 'Street ' || n % 300, 'City ' || n % 50, lpad((n % 90000)::text, 5, '0'), 'delivery'
from generate_series(1, 50000) as n;
insert into loyalty_members
select n, 'Customer ' || n, 'customer' || n || '@example.com', '+49 30 5550' || lpad(n::text, 6, '0'), n % 1000,
       timestamptz '2024-06-01 00:00+00'
from generate_series(1, 5000) as n;
analyze customers, orders, addresses, loyalty_members;
