"""PostgreSQL: pgaudit, auto_explain and the server log, in every carrier that writes them."""
