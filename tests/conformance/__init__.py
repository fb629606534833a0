"""What the reference says a server answers, call by call."""
