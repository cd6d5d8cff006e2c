-- crm.sql for MariaDB: the same made-up people and tables; @customers is the number of customers.
-- The comments are what a catalogue is drafted from.
create table customers (
    id bigint primary key comment 'customer number', email varchar(200) not null comment 'e-mail address',
    phone varchar(40), name varchar(200) not null,
    street varchar(200), city varchar(200), country char(2) not null, birth_date date, created_at timestamp not null
) comment = 'people who buy in the shop';
create table products (id bigint primary key, name varchar(200) not null, price numeric(10, 2) not null);
create table orders (
    id bigint primary key, customer_id bigint not null, status varchar(20) not null,
    total numeric(10, 2) not null, created_at timestamp not null,
    foreign key (customer_id) references customers (id)
);
create table order_items (
    order_id bigint not null, product_id bigint not null, quantity int not null, primary key (order_id, product_id),
    foreign key (order_id) references orders (id), foreign key (product_id) references products (id)
);
create table payments (
    id bigint primary key, order_id bigint not null, amount numeric(10, 2) not null,
    iban varchar(34), card_last4 char(4), paid_at timestamp not null,
    foreign key (order_id) references orders (id)
);
create table tickets (
    id bigint primary key, customer_id bigint not null, subject varchar(200) not null,
    body text, status varchar(20) not null, created_at timestamp not null,
    foreign key (customer_id) references customers (id)
);

insert into customers
with recursive n (n) as (select 1 union all select n + 1 from n where n < @customers)
select n, concat('customer', n, '@example.com'), concat('+49 30 5550', lpad(n, 5, '0')), concat('Customer ', n),
       concat('Street ', n % 300), concat('City ', n % 50), elt(1 + n % 4, 'DE', 'FR', 'GB', 'US'),
       date '1950-01-01' + interval n % 18000 day, timestamp '2024-01-01 00:00:00' + interval n minute
from n;
insert into products select id, concat('Product ', id), id * 1.5 from customers where id <= 50;
insert into orders
select id, 1 + id * 7 % @customers, elt(1 + id % 3, 'open', 'sent', 'paid'), id % 400 + 0.99,
       timestamp '2025-01-01 00:00:00' + interval id minute
from customers;
insert into order_items select id, 1 + id % 50, 1 + id % 3 from customers;
insert into payments
select id, id, id % 400 + 0.99, concat('DE00', lpad(id, 18, '0')), lpad(id % 10000, 4, '0'),
       timestamp '2025-02-01 00:00:00' + interval id minute
from customers;
insert into tickets
select id, 1 + id * 3 % @customers, concat('Question ', id), concat('Text ', id), elt(1 + id % 2, 'open', 'closed'),
       timestamp '2025-03-01 00:00:00' + interval id minute
from customers where id <= @customers div 2;
analyze table customers, products, orders, order_items, payments, tickets;
