"""Child processes that never outlive the sandbox, and that are ended by their own id."""

import ctypes
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO

from artifactory_sandbox.guardian import Guardian

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
GRACE_S = 5.0


class Processes:
    """Starts programs, each as the leader of its own process group.

    The kernel ends a child when the thread that forked it ends, so one thread that lives as long as the sandbox forks all.
    """

    def __init__(self) -> None:
        self._forker = ThreadPoolExecutor(1, thread_name_prefix="forker")
        self._lock = threading.Lock()
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._guardian = Guardian()

    def start(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        output: Path | IO[bytes] | None = None,
        ended: Callable[[int], None] | None = None,
    ) -> "subprocess.Popen[bytes]":
        """Starts a program. `output` takes both its streams (a path is appended to); `ended` is called with its exit code."""
        process = self._forker.submit(self._fork, list(command), dict(env), cwd, output).result()
        self._guardian.add(process.pid)
        with self._lock:
            self._running[process.pid] = process
        threading.Thread(target=self._watch, args=(process, ended), name=f"watch-{process.pid}", daemon=True).start()
        return process

    def pids(self) -> list[int]:
        """The children that run now."""
        with self._lock:
            return sorted(self._running)

    def end_all(self) -> None:
        """Ends every child and what it started: asked first, killed after the grace period."""
        with self._lock:
            running = list(self._running.values())
        for process in running:
            signal_group(process, signal.SIGTERM)
        for process in running:
            try:
                process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                pass
            finally:
                signal_group(process, signal.SIGKILL)
        for process in running:
            process.wait()
        self._guardian.close()

    def _fork(
        self, command: list[str], env: dict[str, str], cwd: Path, output: Path | IO[bytes] | None
    ) -> "subprocess.Popen[bytes]":
        if isinstance(output, Path):
            output.parent.mkdir(parents=True, exist_ok=True)
            with output.open("ab") as opened:
                return self._fork(command, env, cwd, opened)
        return subprocess.Popen(
            command,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output if output is not None else subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509  one system call, nothing that could wait for a lock
        )

    def _watch(self, process: "subprocess.Popen[bytes]", ended: Callable[[int], None] | None) -> None:
        code = process.wait()
        signal_group(process, signal.SIGKILL)
        self._guardian.drop(process.pid)
        with self._lock:
            self._running.pop(process.pid, None)
        if ended is not None:
            ended(code)


def end(process: "subprocess.Popen[bytes]", grace: float = GRACE_S) -> None:
    """Ends one child and its group; `grace` 0 kills at once."""
    if process.poll() is None and grace > 0:
        signal_group(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    signal_group(process, signal.SIGKILL)
    process.wait()


def signal_group(process: "subprocess.Popen[bytes]", number: int) -> None:
    """Sends a signal to a child's process group, which it leads."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def alive(pid: int) -> bool:
    """Whether a process of this id runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state != "Z"


def _end_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
