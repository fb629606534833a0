"""Debian: `dists/` with its indexes and signatures, worked out of packages and their coordinates."""
