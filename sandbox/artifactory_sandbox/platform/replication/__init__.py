"""Replication: push, pull, multi-push; by cron and by event (5)."""
