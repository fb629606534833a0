"""Artifactory estates by Pulumi: the names that a program of yours imports.

Each is fetched from its room when it is first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from artifactory_estate.database.component import Database
    from artifactory_estate.disaster_recovery.component import DisasterRecoveryPair
    from artifactory_estate.estate.model import Estate
    from artifactory_estate.federation.component import Federation
    from artifactory_estate.filestore.component import VersionedFilestore
    from artifactory_estate.load_balancer.component import LoadBalancer
    from artifactory_estate.repositories.component import Repositories
    from artifactory_estate.site.component import Site

__all__ = [
    "Database",
    "DisasterRecoveryPair",
    "Estate",
    "Federation",
    "LoadBalancer",
    "Repositories",
    "Site",
    "VersionedFilestore",
]

_ROOMS = {
    "Database": "database.component",
    "DisasterRecoveryPair": "disaster_recovery.component",
    "Estate": "estate.model",
    "Federation": "federation.component",
    "LoadBalancer": "load_balancer.component",
    "Repositories": "repositories.component",
    "Site": "site.component",
    "VersionedFilestore": "filestore.component",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
