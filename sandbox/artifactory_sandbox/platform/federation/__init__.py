"""Federated repositories: members, events, full sync, states (2.9, 3)."""
