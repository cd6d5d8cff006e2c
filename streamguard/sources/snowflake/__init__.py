"""Snowflake: rows of ACCOUNT_USAGE, apart or joined."""
