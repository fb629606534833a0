"""The web servers of a machine, each played by its node while the machine says that it runs."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
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


Place = tuple[int, bool]
"""Port, and whether TLS is spoken there."""


@dataclass(frozen=True, slots=True)
class _Running:
    front: Front
    server: Any
    task: asyncio.Task[None]


class WebServers:
    """Every kind of web server on a machine at `address`; `apps` are the applications behind by port, `own` whose they are."""

    def __init__(self, files: Files, address: str, apps: Mapping[int, Any], end: asyncio.Event, own: str = "") -> None:
        self._files = files
        self._address = address
        self._own = own or address
        self._apps = apps
        self._end = end
        self._seen: dict[str, int | None] = {kind.name: None for kind in KINDS}
        self._running: dict[str, dict[Place, _Running]] = {}
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
        """Ends before it starts: one server may take the port of the other. A reload ends no connection and closes no port."""
        marks = {kind.name: self._mark(kind) for kind in KINDS}
        changed = [kind for kind in KINDS if marks[kind.name] != self._seen[kind.name]]
        wanted = {kind.name: self._sites(kind) for kind in changed if marks[kind.name] is not None}
        for kind in changed:
            await self._end_servers(kind, but={_place(site) for site in wanted.get(kind.name, ())})
        for kind in changed:
            for site in wanted.get(kind.name, ()):
                self._serve(kind, site)
        self._seen = marks

    def _mark(self, kind: Kind) -> int | None:
        try:
            return self._files.front_running(kind.name).stat().st_mtime_ns
        except FileNotFoundError:
            return None

    def _serve(self, kind: Kind, site: Served) -> None:
        running = self._running.setdefault(kind.name, {})
        files = [self._certificate(kind, name) for name in (site.tls.certificate, site.tls.key)] if site.tls else ()
        if (found := running.get(_place(site))) is not None:
            found.front.site = site
            if files:
                found.server.config.ssl.load_cert_chain(*files)
            return
        front = Front(site, self._apps)
        made, listening = server(Listener(front, bind(self._address, site.port), *files))
        running[_place(site)] = _Running(front, made, asyncio.create_task(made.serve(sockets=[listening])))

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

    async def _end_servers(self, kind: Kind, but: Collection[Place] = ()) -> None:
        running = self._running.get(kind.name, {})
        ending = [running.pop(place) for place in running.keys() - set(but)]
        for one in ending:
            one.server.should_exit = True
        await asyncio.gather(*(one.task for one in ending), return_exceptions=True)


def _place(site: Served) -> Place:
    return site.port, site.tls is not None
