"""SQL Server and Azure SQL: the audit, in every carrier that writes it."""
