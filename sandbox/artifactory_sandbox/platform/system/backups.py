"""Backups of the descriptor: by cron or at once, full with a retention or incremental (1.4)."""

import logging
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.system import export
from artifactory_sandbox.platform.system.export_settings import Report, Settings
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

log = logging.getLogger(__name__)

_MADE = re.compile(r"(\d{8}\.\d{6})(-\d+)?(\.zip)?\Z")
_HOUR_MS = 3_600_000


class Backups:
    """Each is an export of everything but the repositories it excludes."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform

    def run(self, key: str) -> Report:
        """Makes a backup now, whether it is due or not; a 500 when there is none by that key, or it is disabled."""
        backup = self._platform.configuration.shown["backups"].get(key)
        if backup is None:
            raise Refused(500, f"No backup identified with key '{key}'")
        if not backup["enabled"]:
            raise Refused(500, f"Backup identified with key '{key}' is disabled")
        busy = Refused(409, f"Backup '{key}' is already running")
        with self._platform.system.tasks.running(f"backup {key}", f"backup {key}", busy):
            return self._run(key, backup)

    def folder(self, key: str) -> Path:
        """Where a backup's files are."""
        folder = self._platform.configuration.shown["backups"][key].get("dir")
        if folder:
            return self._platform.folders.place(folder, "Invalid backup directory")
        return self._platform.folders.backup / "artifactory" / key

    def _run(self, key: str, backup: dict[str, Any]) -> Report:
        report, base = Report(), self.folder(key)
        hours = backup["retentionPeriodHours"]
        incremental = hours <= 0 and not backup["createArchive"]
        if hours <= 0 and backup["createArchive"]:
            log.warning("backup %s: An incremental backup cannot be archived!", key)
            report.say("An incremental backup cannot be archived!")
        if backup["precalculate"] and not incremental:
            self._demand_room(base)
        settings = Settings(archive=backup["createArchive"], incremental=incremental, fail_if_empty=False)
        settings.excluded = frozenset(backup["excludedRepositories"])
        report.say(f"Backup '{key}' started")
        made = export.system(self._platform, settings, base / export.CURRENT if incremental else base, report)
        if hours > 0:
            self._forget_old(base, hours, made, report)
        report.say(f"Backup '{key}' was made: {self._platform.folders.shown(made)}")
        if report.problems:
            log.error("backup %s: %d problems, the first: %s", key, report.problems, _first(report))
        return report

    def _demand_room(self, base: Path) -> None:
        self._platform.folders.backup.mkdir(parents=True, exist_ok=True)
        there = next(folder for folder in (base, *base.parents) if folder.exists())
        _, needed = self._platform.artifacts.state.binary_totals()
        free = shutil.disk_usage(there).free
        if free < needed:
            raise Refused(500, f"Not enough disk space for the backup: {needed} bytes are needed, {free} are free")

    def _forget_old(self, base: Path, hours: int, made: Path, report: Report) -> None:
        border = self._platform.clock.now() - hours * _HOUR_MS
        for path in sorted(base.iterdir()):
            found = _MADE.match(path.name)
            if found is None or path == made:
                continue
            try:
                at = datetime.strptime(found[1], "%Y%m%d.%H%M%S").replace(tzinfo=UTC).timestamp() * 1000
            except ValueError:
                continue
            if at < border:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                report.say(f"An old backup was removed: {path.name}")


def _first(report: Report) -> str:
    return next(line for line in report.lines if line.startswith("500 : "))
