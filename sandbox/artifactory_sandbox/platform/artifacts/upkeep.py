"""Housekeeping of the cluster, run by one node at a time: the trash can's retention, caches nobody uses, old part uploads."""

import json
import time
from typing import TYPE_CHECKING

from artifactory_sandbox.platform.artifacts.rows import Origin
from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

EVERY_MS = 60_000
HOUR_MS = 3_600_000
_CENTURY_H = 100 * 365 * 24
_LAST = "artifacts-upkeep"


def run(platform: "Platform") -> None:
    """Once a minute by the platform's clock, whichever node is first."""
    now = platform.clock.now()
    if abs(now - int(platform.settings.get(_LAST, 0))) < EVERY_MS or not platform.locks.take(_LAST, 60):
        return
    try:
        platform.settings.set(_LAST, now)
        platform.artifacts.trash.expire()
        platform.artifacts.state.forget_leases(int(time.time() * 1000))
        platform.artifacts.caches.forget_old_misses(now)
        platform.artifacts.archives.forget_uploads(now - 24 * HOUR_MS)
        clean_caches(platform)
    finally:
        platform.locks.release(_LAST)


def clean_caches(platform: "Platform") -> int:
    """Removes files of caches that nobody fetched for `unusedArtifactsCleanupPeriodHours`; how many."""
    removed = 0
    for row in platform.repositories.state.texts():
        if row["rclass"] != "remote":
            continue
        config = json.loads(row["config"])
        hours = min(int(config.get("unusedArtifactsCleanupPeriodHours") or 0), _CENTURY_H)
        if hours <= 0:
            continue
        store = config["key"] + CACHE_SUFFIX
        for path in platform.artifacts.caches.unused(store, platform.clock.now() - hours * HOUR_MS):
            removed += platform.artifacts.delete(store, path, Origin("_system_"))
    return removed
