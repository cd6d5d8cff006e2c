-- The CRM of the small shop that streamguard.simulate plays: made-up people, all e-mail addresses at example.com.
-- :customers is the number of customers.
create table customers (
    id bigint primary key, email text not null, phone text, name text not null,
    street text, city text, country text not null, birth_date date, created_at timestamptz not null,
    postal_code text, national_id text, segment text
);
create table products (id bigint primary key, name text not null, price numeric(10, 2) not null);
create table orders (
    id bigint primary key, customer_id bigint not null references customers, status text not null,
    total numeric(10, 2) not null, created_at timestamptz not null
);
create table order_items (
    order_id bigint not null references orders, product_id bigint not null references products,
    quantity int not null, primary key (order_id, product_id)
);
create table payments (
    id bigint primary key, order_id bigint not null references orders, amount numeric(10, 2) not null,
    iban text, card_last4 text, paid_at timestamptz not null
);
create table tickets (
    id bigint primary key, customer_id bigint not null references customers, subject text not null,
    body text, status text not null, created_at timestamptz not null
);
create table invoices (
    id bigint primary key, customer_id bigint not null references customers, name text not null, street text, city text,
    amount numeric(10, 2) not null, due_at timestamptz not null
);
create table login_events (
    id bigint primary key, customer_id bigint not null references customers, ip_address text not null, device_id text,
    at timestamptz not null
);
create table fraud_cases (
    id bigint primary key, customer_id bigint not null references customers, score int not null, reason text,
    status text not null, opened_at timestamptz not null
);
create table newsletter (email text not null, list text not null, locale text, confirmed_at timestamptz);
create table loyalty_members (
    customer_id bigint not null references customers, name text, email text, phone text, points int, joined_at timestamptz
);
create table addresses (
    customer_id bigint not null references customers, street text, city text, postal_code text, kind text
);
create table identity_checks (
    customer_id bigint not null references customers, document_number text, birth_date date, result text,
    checked_at timestamptz
);

insert into customers
select n, 'customer' || n || '@example.com', '+49 30 5550' || lpad(n::text, 5, '0'), 'Customer ' || n,
       'Street ' || n % 300, 'City ' || n % 50, (array['DE', 'FR', 'GB', 'US'])[1 + n % 4],
       date '1950-01-01' + n % 18000, timestamptz '2024-01-01 00:00+00' + n * interval '1 minute'
from generate_series(1, :customers) as n;
insert into products select n, 'Product ' || n, n * 1.5 from generate_series(1, 50) as n;
insert into orders
select n, 1 + n * 7 % :customers, (array['open', 'sent', 'paid'])[1 + n % 3], n % 400 + 0.99,
       timestamptz '2025-01-01 00:00+00' + n * interval '1 minute'
from generate_series(1, :customers) as n;
insert into order_items select n, 1 + n % 50, 1 + n % 3 from generate_series(1, :customers) as n;
insert into payments
select n, n, n % 400 + 0.99, 'DE00' || lpad(n::text, 18, '0'), lpad((n % 10000)::text, 4, '0'),
       timestamptz '2025-02-01 00:00+00' + n * interval '1 minute'
from generate_series(1, :customers) as n;
insert into tickets
select n, 1 + n * 3 % :customers, 'Question ' || n, 'Text ' || n, (array['open', 'closed'])[1 + n % 2],
       timestamptz '2025-03-01 00:00+00' + n * interval '1 minute'
from generate_series(1, :customers / 2) as n;
analyze;
