"""The web servers of a machine, each played by its node while the machine says that it runs."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artifactory_sandbox.platform.boot.files import Files
from artifactory_sandbox.platform.front import httpd, nginx
from artifactory_sandbox.platform.front.front import Front
from artifactory_sandbox.platform.front.served import Refused, Served
from artifactory_sandbox.platform.serve import Listener, bind, server

_LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class Kind:
    """A web server that can be played. `refusal` is the line it logs about its file, `missing` about one that is not there."""

    name: str
    parse: Callable[[str, str], Sequence[Served]]
    refusal: str
    missing: str


KINDS = (
    Kind(
        "nginx",
        nginx.parse,
        "nginx: [emerg] {error} in {place}",
        'nginx: [emerg] open() "{place}" failed (2: No such file or directory)',
    ),
    Kind(
        "httpd",
        httpd.parse,
        "AH00526: Syntax error on line {line} of {place}: {error}",
        "httpd: Could not open configuration file {place}: No such file or directory",
    ),
)


class WebServers:
    """Every kind of web server on a machine at `address`; `apps` are the applications behind by port, `own` whose they are."""

    def __init__(self, files: Files, address: str, apps: Mapping[int, Any], end: asyncio.Event, own: str = "") -> None:
        self._files = files
        self._address = address
        self._own = own or address
        self._apps = apps
        self._end = end
        self._seen: dict[str, int | None] = {kind.name: None for kind in KINDS}
        self._running: dict[str, list[tuple[Any, asyncio.Task[None]]]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Follows the machine from now on."""
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Ends them; raises what ended the watch: `Refused`, `CannotListen`."""
        for kind in KINDS:
            await self._end_servers(kind)
        if self._task is not None:
            await self._task

    async def _watch(self) -> None:
        """Follows the files that say what runs; a wrong configuration ends the node."""
        try:
            while not self._end.is_set():
                await self._look()
                await asyncio.sleep(_LOOK_S)
        finally:
            self._end.set()

    async def _look(self) -> None:
        """Ends before it starts: one server may take the port of the other."""
        marks = {kind.name: self._mark(kind) for kind in KINDS}
        changed = [kind for kind in KINDS if marks[kind.name] != self._seen[kind.name]]
        for kind in changed:
            await self._end_servers(kind)
        for kind in changed:
            if marks[kind.name] is not None:
                self._listen(kind)
        self._seen = marks

    def _mark(self, kind: Kind) -> int | None:
        try:
            return self._files.front_running(kind.name).stat().st_mtime_ns
        except FileNotFoundError:
            return None

    def _listen(self, kind: Kind) -> None:
        running = self._running.setdefault(kind.name, [])
        for site in self._sites(kind):
            files = [self._certificate(kind, name) for name in (site.tls.certificate, site.tls.key)] if site.tls else ()
            made, listening = server(Listener(Front(site, self._apps), bind(self._address, site.port), *files))
            running.append((made, asyncio.create_task(made.serve(sockets=[listening]))))

    def _certificate(self, kind: Kind, name: str) -> Path:
        found = self._files.root / name.lstrip("/")
        if not found.is_file():
            raise Refused(f"{kind.name}: cannot load certificate {name}: No such file or directory")
        return found

    def _sites(self, kind: Kind) -> Sequence[Served]:
        conf = self._files.front_conf(kind.name)
        place = self._files.shown(conf)
        try:
            return kind.parse(conf.read_text(), self._own)
        except FileNotFoundError:
            raise Refused(kind.missing.format(place=place)) from None
        except Refused as error:
            raise Refused(kind.refusal.format(error=error, line=error.line, place=place)) from error

    async def _end_servers(self, kind: Kind) -> None:
        running = self._running.pop(kind.name, [])
        for made, _ in running:
            made.should_exit = True
        await asyncio.gather(*(task for _, task in running), return_exceptions=True)
