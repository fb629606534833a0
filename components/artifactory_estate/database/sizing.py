"""The arithmetic between nodes, their connection pools and the database's limit."""

from artifactory_estate.database.model import Pools

_MISSION_CONTROL = 12
"""Connections of a node's Mission Control: 10, and 2 of its id generator (files reference 2.3, 2.6)."""
_RESERVE = 50
"""What the formula leaves for administrators, backups and the parameter's own reserve (2.6)."""


def max_connections(pools: Pools, nodes: int) -> int:
    """`max_connections` that `nodes` nodes can never exhaust (files reference 2.6, Mission Control added).

    >>> max_connections(Pools(artifactory=100, access=100, metadata=100), nodes=3)
    1286
    """
    per_node = 2 * pools.artifactory + pools.access + pools.metadata + _MISSION_CONTROL
    return nodes * per_node + _RESERVE
