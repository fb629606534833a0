"""Access: who calls, tokens, users, groups, permissions (4.3 to 4.6)."""
