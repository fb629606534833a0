"""Helm: charts in their own kind of repository, with an index worked out of them."""
