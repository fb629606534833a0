"""The web server of a machine, played by its node while the machine says that it runs."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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


class WebServer:
    """One kind of web server on a node at `address`; `apps` are the node's applications by port."""

    def __init__(self, kind: Kind, files: Files, address: str, apps: Mapping[int, Any], end: asyncio.Event) -> None:
        self._kind = kind
        self._conf = files.front_conf(kind.name)
        self._place = files.shown(self._conf)
        self._mark_file = files.front_running(kind.name)
        self._address = address
        self._apps = apps
        self._end = end
        self._seen: int | None = None
        self._running: list[tuple[Any, asyncio.Task[None]]] = []
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Follows the machine from now on."""
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Ends it; raises what ended the watch: `Refused`, `CannotListen`."""
        await self._end_servers()
        if self._task is not None:
            await self._task

    async def _watch(self) -> None:
        """Follows the file that says whether it runs; a wrong configuration ends the node."""
        try:
            while not self._end.is_set():
                seen = self._mark()
                if seen != self._seen:
                    await self._end_servers()
                    if seen is not None:
                        self._listen()
                    self._seen = seen
                await asyncio.sleep(_LOOK_S)
        finally:
            self._end.set()

    def _mark(self) -> int | None:
        try:
            return self._mark_file.stat().st_mtime_ns
        except FileNotFoundError:
            return None

    def _listen(self) -> None:
        for site in {one.port: one for one in reversed(self._sites())}.values():
            made, listening = server(Listener(Front(site, self._apps), bind(self._address, site.port)))
            self._running.append((made, asyncio.create_task(made.serve(sockets=[listening]))))

    def _sites(self) -> Sequence[Served]:
        try:
            return self._kind.parse(self._conf.read_text(), self._address)
        except FileNotFoundError:
            raise Refused(self._kind.missing.format(place=self._place)) from None
        except Refused as error:
            raise Refused(self._kind.refusal.format(error=error, line=error.line, place=self._place)) from error

    async def _end_servers(self) -> None:
        running, self._running = self._running, []
        for made, _ in running:
            made.should_exit = True
        await asyncio.gather(*(task for _, task in running), return_exceptions=True)
