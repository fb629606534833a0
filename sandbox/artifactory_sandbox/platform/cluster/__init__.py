"""The nodes of a cluster and their heartbeats."""
