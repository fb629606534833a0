"""Webhooks of the event service (12.7)."""
