"""A killed run leaves the backend's lock behind. It is broken only when nobody is left who could still be writing.

The engine's lock names a process and a host. That process may be gone while the programs it started (providers,
language hosts) still finish a call. Every process of a run of ours therefore carries its scope, backend and stack, in the
environment, which the kernel shows for as long as it lives. What an orphan does is recorded nowhere, and may be cut off
anywhere (design 3, Lifecycles): it gets a moment to finish, and is then ended.
"""

import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from artifactory_estate.base import EstateError
from artifactory_estate.operations.project import NAME, SCOPE, Project

WAIT_S = 900
"""How long a run waits for another one on the same stack."""
GRACE_S = 5.0
"""How long the orphans of a killed engine may finish what they do."""


class Locked(EstateError):
    """Somebody else works on the stack."""


def wait_or_break(
    project: Project, stack: str, wait_s: float = WAIT_S, say: Callable[[str], None] = lambda _text: None
) -> None:
    """Return when the stack is free; `say` hears what is waited for.

    A lock of this host whose owner and whose owner's children are gone is removed; with a live owner we wait up to
    `wait_s` seconds; a lock of another host is never ours to judge. Only `file://` backends are looked into: for others
    the engine's own message stands. Raises `Locked`.
    """
    if not can_wait(project):
        return
    began = time.monotonic()
    while True:
        locks = list(_locks(project, stack))
        _refuse_foreign(stack, locks)
        working = list(processes_of(project.scope(stack)))
        owners = [pid for lock in locks if _alive(pid := int(lock["pid"]))]
        if not working and not owners:
            for lock in locks:
                Path(lock["path"]).unlink(missing_ok=True)
            return
        waited = time.monotonic() - began
        if waited > wait_s:
            raise Locked(
                f"{stack}: another run still works on it after {wait_s:g} s (processes {owners or working}). Wait for its "
                f"end, or, if those processes are something else, free it: pulumi cancel -s {stack}"
            )
        if not owners and not any(map(_is_engine, working)):
            if waited > GRACE_S:
                _end(working, signal.SIGKILL if waited > 2 * GRACE_S else signal.SIGTERM)
            say(f"what a killed run left is still at work (processes {working}); it is ended after {GRACE_S:g} s")
        else:
            say(f"another run works on it (processes {owners or working}); waiting")
        time.sleep(0.5)


def can_wait(project: Project) -> bool:
    """Whether we see its locks."""
    return project.backend.startswith("file://")


def _refuse_foreign(stack: str, locks: Iterable[dict[str, str]]) -> None:
    for lock in locks:
        if lock["hostname"] != socket.gethostname():
            raise Locked(
                f"{stack}: locked by process {lock['pid']} of {lock['username']} on {lock['hostname']} "
                f"since {lock['timestamp']}. If that run is gone, free it there: pulumi cancel -s {stack}"
            )


def _is_engine(pid: int) -> bool:
    try:
        program = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
    except OSError:
        return False
    return Path(program.decode(errors="replace")).name == "pulumi"


def _end(pids: Iterable[int], how: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, how)


def processes_of(scope: str) -> Iterator[int]:
    """Living processes, other than this one and its parents, that belong to a run with this scope."""
    mark = f"{SCOPE}={scope}".encode()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0") and _alive(int(folder.name)):
                yield int(folder.name)
        except OSError:
            continue


def _locks(project: Project, stack: str) -> Iterator[dict[str, str]]:
    folder = Path(project.backend.removeprefix("file://")) / ".pulumi" / "locks" / "organization" / NAME / stack
    for path in sorted(folder.glob("*.json")):
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found = {}
        found = found if isinstance(found, dict) else {}
        found |= {} if str(found.get("pid")).isdigit() else {"pid": 0}
        unreadable = {"pid": "0", "username": "?", "hostname": socket.gethostname(), "timestamp": "?"}
        yield {**unreadable, **{key: str(value) for key, value in found.items()}, "path": str(path)}


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state not in {"Z", "X"}
