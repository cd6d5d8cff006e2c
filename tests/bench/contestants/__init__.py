"""Programs that do the work; each is started as a process of its own and writes one line of JSON at the end."""
