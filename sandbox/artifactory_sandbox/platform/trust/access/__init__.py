"""Access federation: users, groups, permissions and tokens of one platform taken over by others (4.4)."""
