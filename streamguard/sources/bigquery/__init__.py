"""BigQuery: Google Cloud's audit log, in its old and its new shape."""
