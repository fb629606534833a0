"""What each kind of stack makes."""
