"""The MySQL family: audit plugins and slow logs of MySQL, MariaDB, Percona Server, Aurora and Azure."""
