"""Trino and Presto: event listeners."""
