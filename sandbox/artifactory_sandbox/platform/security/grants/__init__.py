"""Permission targets and what they grant: one state, three views (4.6, 12.5.3)."""
