"""Databricks: audit log and query history."""
