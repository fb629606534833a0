"""What every step of the toolchain shares: progress, long commands with a log, the cache folder, locks."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

HEARTBEAT_SECONDS = 30
LOG_TAIL_LINES = 30


class Stop(Exception):
    """The toolchain cannot go on; the text says what a person can do about it."""


class Unavailable(Exception):
    """One way of getting a tool does not work on this machine; the text says why, and the next way is tried."""


class Progress:
    """One plain line a step, on stderr with the seconds since the start, so that stdout can be evaluated by a shell."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def say(self, text: str) -> None:
        print(f"[{time.monotonic() - self._started:6.1f}s] {text}", file=sys.stderr, flush=True)


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where built tools are kept: outside the checkout, so that the next clone starts at once."""
    base = environ.get("XDG_CACHE_HOME") or Path(environ.get("HOME") or Path.home()) / ".cache"
    return Path(base) / "artifactory-estate"


@contextmanager
def locked(lock: Path, progress: Progress) -> Iterator[None]:
    """Hold `lock` against other processes; the kernel frees it even when its holder is killed."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.say(f"waiting for another run that holds {lock}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def appearing_whole(target: Path) -> Iterator[Path]:
    """A fresh folder beside `target` that takes its name only when the block ends well: never half a tool."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield draft
        draft.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def run_logged(
    title: str,
    command: Sequence[str],
    progress: Progress,
    cwd: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> None:
    """Run a command that may take minutes: a line now and then while it works, its output only when it fails."""
    progress.say(title)
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        process = subprocess.Popen(command, cwd=cwd, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            _wait(process, title, progress)
        finally:
            process.kill()
        if process.returncode != 0:
            log.seek(0)
            tail = "".join(log.readlines()[-LOG_TAIL_LINES:])
            raise Stop(f"{title}: `{command[0]}` ended with status {process.returncode}\n{tail}")


def _wait(process: subprocess.Popen[bytes], title: str, progress: Progress) -> None:
    while True:
        try:
            process.wait(timeout=HEARTBEAT_SECONDS)
            return
        except subprocess.TimeoutExpired:
            progress.say(f"still working: {title}")
