"""Go modules: the proxy protocol of the go command, and publishing by PUT (12.10.3)."""
