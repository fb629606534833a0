"""Jobs that the descriptor's cron expressions start, by the platform's clock, each time on one node (1.3, 1.4, 9)."""

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from artifactory_sandbox.platform import cron
from artifactory_sandbox.platform.artifacts.upkeep import clean_caches
from artifactory_sandbox.platform.system import storage_summary
from artifactory_sandbox.platform.system.state import SystemState
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

log = logging.getLogger(__name__)

Job = tuple[str, str, Callable[[], object]]
_HOURLY = "0 17 * * * ?"
_SUMMARY_CRON = "artifactory.update.storage.summary.cron"


class Schedule:
    """When each job is due next stands in the database, so a restart forgets nothing and two nodes run nothing twice."""

    def __init__(self, platform: "Platform", state: SystemState) -> None:
        self._platform = platform
        self._state = state

    def tick(self) -> None:
        """Runs what has come due; notes new and changed expressions."""
        now = self._platform.clock.now()
        wanted = {name: (expression, job) for name, (expression, _, job) in self._jobs().items()}
        known = self._state.jobs()
        for name in known.keys() - wanted.keys():
            self._state.forget_job(name)
        for name, (expression, job) in wanted.items():
            row = known.get(name)
            if row is None or row["cron"] != expression:
                self._state.put_job(name, expression, cron.parse(expression).next_after(now))
            elif row["next"] is not None and row["next"] <= now and self._taken(name, expression, row["next"], now):
                self._run(name, job)

    def _taken(self, name: str, expression: str, seen: int, now: int) -> bool:
        return self._state.take_job(name, seen, cron.parse(expression).next_after(now))

    def descriptions(self) -> dict[str, str]:
        """What is scheduled."""
        return {name: said for name, (_, said, _) in self._jobs().items()}

    def _run(self, name: str, job: Callable[[], object]) -> None:
        try:
            job()
        except Refused as refused:
            log.error("the scheduled job %s failed: %s", name, refused.message)
        except Exception:
            log.exception("the scheduled job %s failed", name)

    def _jobs(self) -> dict[str, Job]:
        platform = self._platform
        shown, system = platform.configuration.shown, platform.system
        jobs: dict[str, Job] = {
            "gc": (shown["gcConfig"]["cronExp"], "garbage collection", system.garbage.collect),
            "cleanup": (
                *(shown["cleanupConfig"]["cronExp"], "cleanup of unused cached artifacts"),
                partial(clean_caches, platform),
            ),
            "storage-summary": (
                *(self._summary_cron(), "refresh of the storage summary"),
                partial(storage_summary.calculate, platform),
            ),
        }
        for key, backup in shown["backups"].items():
            if backup["enabled"]:
                jobs[f"backup:{key}"] = (backup["cronExp"], f"backup {key}", partial(system.backups.run, key))
        return jobs

    def _summary_cron(self) -> str:
        said = self._platform.properties.get(_SUMMARY_CRON, _HOURLY)
        try:
            cron.parse(said)
        except cron.InvalidCron:
            return _HOURLY
        return said
