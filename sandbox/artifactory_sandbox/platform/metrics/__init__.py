"""OpenMetrics of the services, and the figures that are counted for them (8)."""
