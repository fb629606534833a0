"""Web servers in front of a node's own ports, played from their configuration files."""
