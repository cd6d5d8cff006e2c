"""Log formats: each file turns the neutral stream of moments into lines of one of them."""
