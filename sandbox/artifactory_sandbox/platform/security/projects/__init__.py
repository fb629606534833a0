"""Projects of Access: members, roles, environments, their repositories and quotas (4.6, 12.5.6, 12.5.8)."""
