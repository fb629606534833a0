"""Garbage collection, balancing of a sharded filestore, checksum replication (REST reference 1.7)."""

from typing import Literal

from artifactory_estate.rest.transport import Platform

Balancing = Literal["started", "running already", "with the next garbage collection"]

_CHECKSUM = "/artifactory/api/config/storage/checksumReplication"


def optimize(platform: Platform) -> Balancing:
    """Optimize System Storage. From 7.104.5 on it begins at once; before, the next garbage collection does it."""
    call = "/artifactory/api/system/storage/optimize"
    answer = platform.request("POST", call, repeatable=True, accept=(409,))
    if answer.status_code == 409:
        return "running already"
    return "started" if answer.status_code == 202 else "with the next garbage collection"


def collect_garbage(platform: Platform) -> None:
    """Start the garbage collection; every 20th is a full one, which removes surplus copies."""
    platform.request("POST", "/artifactory/api/system/storage/gc", timeout_s=600)


def trusts_checksums(platform: Platform) -> bool:
    """Whether sources may ask this site's filestore for a binary instead of sending it."""
    return bool(platform.get_json(_CHECKSUM).get("checkBinaryExistenceAllowed"))


def trust_checksums(platform: Platform, *, allowed: bool, days: int) -> None:
    """Set it, on the target. `days`, 0 to 30: for how long a listed binary is trusted unseen."""
    platform.request("PUT", _CHECKSUM, body={"checkBinaryExistenceAllowed": allowed, "daysToTrust": days})
