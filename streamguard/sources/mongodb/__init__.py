"""MongoDB: audit log and profiler."""
