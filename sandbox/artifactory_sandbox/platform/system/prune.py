"""Pruning: files of the filestore that the database does not know (1.7). Runs in the background, on the node that was asked."""

import logging
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

log = logging.getLogger(__name__)

_STATUS, _TASK = "prune-status", "prune"
_SAVE_EVERY = 500
_PATIENCE_S = 20


@dataclass(slots=True)
class Options:
    """What the call may say; `first` is the directory to begin with, `skip` how many binaries of it to leave."""

    dry: bool = False
    first: str = "00"
    skip: int = 0
    older_days: float = 1


@dataclass(slots=True)
class _Run:
    began: int
    options: Options
    processed: int = 0
    cleaned: int = 0
    size: int = 0
    directory: str = ""
    in_directory: dict[str, int] = field(default_factory=dict)


def options(sent: dict[str, Any]) -> Options:
    """Reads the body; a 400 for values of the wrong kind."""
    made = Options(bool(sent.get("dryRun", False)), str(sent.get("startFromDirectory") or "00").lower())
    if len(made.first) != 2 or any(letter not in "0123456789abcdef" for letter in made.first):
        raise Refused(400, f"startFromDirectory '{made.first[:20]}' is not a directory of the filestore")
    for name, attribute in (("startFromBinary", "skip"), ("binaryOlderThanDays", "older_days")):
        value = sent.get(name, getattr(made, attribute))
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            raise Refused(400, f"{name} is not a number of at least 0")
        setattr(made, attribute, value)
    return made


class Prune:
    """One run at a time in the cluster."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform

    def start(self, wanted: Options) -> None:
        """Begins in the background; a 412 while one runs."""
        platform = self._platform
        busy = Refused(412, "Prune unreferenced data is already running")
        stack = ExitStack()
        task = stack.enter_context(platform.system.tasks.running(_TASK, "prune unreferenced data", busy))
        run = _Run(platform.clock.now(), wanted)
        self._save(run, "running")

        def work() -> None:
            with stack:
                self._work(run, task)

        threading.Thread(target=work, name=f"prune-{platform.node_id}", daemon=True).start()

    def now(self) -> dict[str, Any]:
        """Runs to its end within the call, as older versions do, after a run that is under way; the report."""
        deadline = time.monotonic() + _PATIENCE_S
        while self._platform.system.tasks.kinds_running(_TASK) and time.monotonic() < deadline:
            time.sleep(0.05)
        busy = Refused(412, "Prune unreferenced data is already running")
        with self._platform.system.tasks.running(_TASK, "prune unreferenced data", busy) as task:
            run = _Run(self._platform.clock.now(), Options(older_days=0))
            self._work(run, task)
        return self.status()

    def stop(self) -> None:
        """Ends the run; a 412 when there is none."""
        if not self._platform.system.tasks.stop(_TASK):
            raise Refused(412, "Prune unreferenced data is not running")

    def status(self) -> dict[str, Any]:
        """How the last run does; a 412 when there was none."""
        found: dict[str, Any] | None = self._platform.settings.get(_STATUS)
        if found is None:
            raise Refused(412, "Prune unreferenced data has never run")
        if found["status"] == "running" and not self._platform.system.tasks.kinds_running(_TASK):
            found = self._platform.settings.get(_STATUS) or found  # it may have ended since the first look
            if found["status"] == "running":
                found["status"] = "stopped"  # its node was killed
        return found

    def _work(self, run: _Run, task: str) -> None:
        try:
            ended = self._walk(run, task)
        except OSError as error:
            log.exception("prune failed")
            self._save(run, "error", str(error))
        else:
            self._save(run, "finished" if ended else "stopped")

    def _walk(self, run: _Run, task: str) -> bool:
        store = self._platform.binaries.store
        known = self._platform.artifacts.state.known_binaries()
        for sha1, size in list(store.all()):
            if sha1[:2] < run.options.first:
                continue
            if sha1[:2] != run.directory:
                run.directory, run.in_directory = (
                    sha1[:2],
                    {"binariesProcessed": 0, "binariesCleaned": 0, "bytesCleaned": 0},
                )
            run.in_directory["binariesProcessed"] += 1
            if run.directory == run.options.first and run.in_directory["binariesProcessed"] <= run.options.skip:
                continue
            run.processed += 1
            if sha1 not in known and self._old_enough(sha1, run):
                self._clean(run, sha1, size)
            if run.processed % _SAVE_EVERY == 0:
                if self._platform.system.tasks.stopped(task):
                    return False
                self._save(run, "running")
        return True

    def _clean(self, run: _Run, sha1: str, size: int) -> None:
        if self._platform.artifacts.known("sha1", sha1) is not None:
            return  # it has come since
        run.cleaned, run.size = run.cleaned + 1, run.size + size
        run.in_directory["binariesCleaned"] += 1
        run.in_directory["bytesCleaned"] += size
        if not run.options.dry:
            self._platform.binaries.store.remove(sha1)

    def _old_enough(self, sha1: str, run: _Run) -> bool:
        """Whether the file is older than was asked; a store that keeps no times is taken at its word."""
        age = getattr(self._platform.binaries.store, "modified", None)
        at = age(sha1) if age is not None else None
        return at is None or run.began - at >= run.options.older_days * 86_400_000

    def _save(self, run: _Run, status: str, error: str | None = None) -> None:
        now = self._platform.clock.now()
        timing = {
            "startedAtMillis": run.began,
            "startedAt": iso(run.began),
            "durationMillis": now - run.began,
            "duration": f"{(now - run.began) / 1000:.1f} s",
            "lastUpdatedMillis": now,
            "lastUpdated": iso(now),
        }
        done = status == "finished"
        progress = 100 if done else round(100 * (int(run.directory or "00", 16) / 256))
        shown = {
            "status": status,
            "dryRun": run.options.dry,
            "timing": timing,
            "progress": f"{progress}%",
            "report": {
                "totalBinariesProcessed": run.processed,
                "totalBinariesCleaned": run.cleaned,
                "totalBytesCleaned": run.size,
            },
            "lastHandledDirectory": {
                "name": run.directory,
                "status": "finished" if done else status,
                "binariesProcessed": 0,
                "binariesCleaned": 0,
                "bytesCleaned": 0,
                **run.in_directory,
                "timing": timing,
            },
            "error": error,
        }
        self._platform.settings.set(_STATUS, shown)
