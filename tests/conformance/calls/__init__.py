"""What the cases of a room have in common."""
