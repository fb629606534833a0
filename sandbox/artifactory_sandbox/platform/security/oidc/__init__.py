"""Tokens of other identity providers, exchanged for ours (12.1.1, 12.5.4)."""
