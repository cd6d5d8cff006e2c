"""Home-grown JSON, read by a mapping that the customer writes."""
