"""Junk over every route of the simulated platform: `python -m tests.clients.platform.fuzzing --seconds 20 --seed 7`."""
