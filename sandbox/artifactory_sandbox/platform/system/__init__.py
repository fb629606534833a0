"""Health, version, licences, configuration, storage, tasks (1)."""
