"""One node of a cluster, from the files that its bootstrap wrote."""

import asyncio
import json
import logging
import sys
from pathlib import Path

from artifactory_sandbox.platform import nginx
from artifactory_sandbox.platform.boot import binarystore, cluster
from artifactory_sandbox.platform.boot.files import Files
from artifactory_sandbox.platform.boot.refusal import CannotStart
from artifactory_sandbox.platform.boot.system_yaml import SystemYaml, read_properties
from artifactory_sandbox.platform.cluster.behaviour import STALE_S
from artifactory_sandbox.platform.platform import Platform
from artifactory_sandbox.platform.serve import CannotListen, Listener, bind, run, server
from artifactory_sandbox.platform.table import ROUTES
from artifactory_sandbox.platform.web.app import App

log = logging.getLogger(__name__)

ARTIFACTORY_PORT, ROUTER_PORT, NGINX_PORT = 8081, 8082, 8000
_LOOK_S = 0.5


def main(root: Path, address: str, control: str, stale_seconds: float = STALE_S) -> int:
    """Runs until SIGTERM. A node that cannot start says why in its logs and in its last line, and the code is 1."""
    files = Files(root.resolve())
    _log_to(files)
    try:
        platform = start(files, address, control, stale_seconds)
    except CannotStart as error:
        return _fatal(str(error))
    try:
        asyncio.run(_serve(platform, files, address))
    except (CannotListen, nginx.NginxRefused) as error:
        return _fatal(str(error))
    finally:
        platform.stop()
    return 0


def start(files: Files, address: str, control: str, stale_seconds: float = STALE_S) -> Platform:
    """Reads and checks everything and joins the cluster; raises `CannotStart`."""
    yaml = SystemYaml(files)
    properties = read_properties(files)
    master, join = yaml.key("master"), yaml.key("join")
    database = cluster.database_file(control, yaml.database())
    platform = Platform(
        node_id=yaml.node_id,
        node_url=f"http://{address}:{ROUTER_PORT}",
        version=files.version(),
        database=database,
        binaries=binarystore.build(files),
        temporary=files.var / "data/artifactory/tmp",
        properties=properties,
        rtfs=yaml.flag("rtfs.enabled"),
        stale_seconds=stale_seconds,
    )
    try:
        cluster.check_keys(platform, master, join)
        cluster.take_licence(platform, files)
        cluster.first_administrator(platform, files)
        cluster.write_token(platform, files)
    except CannotStart:
        platform.pool.shutdown()
        platform.database.close()
        raise
    return platform


async def _serve(platform: Platform, files: Files, address: str) -> None:
    direct = App(platform, ROUTES, only="artifactory")
    router = App(platform, ROUTES)
    listeners = [
        Listener(direct, bind(address, ARTIFACTORY_PORT)),
        Listener(router, bind(address, ROUTER_PORT)),
    ]
    end = asyncio.Event()
    web_server = _WebServer(files, address, {ARTIFACTORY_PORT: direct, ROUTER_PORT: router}, end)

    async def ready() -> None:
        platform.start()
        web_server.task = asyncio.create_task(web_server.watch())
        log.warning("Artifactory %s is up: node %s at %s", platform.version, platform.node_id, platform.node_url)

    await run(listeners, ready, end)
    await web_server.stop()


class _WebServer:
    """Plays nginx while the machine says that it runs."""

    def __init__(self, files: Files, address: str, apps: dict[int, App], end: asyncio.Event) -> None:
        self._files = files
        self._address = address
        self._apps = apps
        self._end = end
        self._seen: int | None = None
        self._running: tuple[object, asyncio.Task[None]] | None = None
        self.task: asyncio.Task[None] | None = None

    async def watch(self) -> None:
        """Follows the file that says whether it runs; a wrong configuration ends the node."""
        try:
            while not self._end.is_set():
                seen = self._mark()
                if seen != self._seen:
                    await self._end_server()
                    if seen is not None:
                        self._start()
                    self._seen = seen
                await asyncio.sleep(_LOOK_S)
        finally:
            self._end.set()

    async def stop(self) -> None:
        """Ends it; raises what ended the watch."""
        await self._end_server()
        if self.task is not None:
            await self.task

    def _mark(self) -> int | None:
        try:
            return self._files.nginx_running.stat().st_mtime_ns
        except FileNotFoundError:
            return None

    def _start(self) -> None:
        path = self._files.nginx_conf
        place = self._files.shown(path)
        try:
            servers = nginx.parse(path.read_text(), self._address)
        except FileNotFoundError:
            raise nginx.NginxRefused(f'nginx: [emerg] open() "{place}" failed (2: No such file or directory)') from None
        except (nginx.NginxRefused, ValueError, IndexError) as error:
            raise nginx.NginxRefused(f"nginx: [emerg] {error} in {place}") from error
        for one in servers[:1]:
            listener = Listener(nginx.Nginx(one, self._apps), bind(self._address, one.port))
            made, listening = server(listener)
            self._running = (made, asyncio.create_task(made.serve(sockets=[listening])))

    async def _end_server(self) -> None:
        if self._running is not None:
            made, task = self._running
            made.should_exit = True  # type: ignore[attr-defined]
            await asyncio.gather(task, return_exceptions=True)
            self._running = None


def _log_to(files: Files) -> None:
    files.logs.mkdir(parents=True, exist_ok=True)
    shape = logging.Formatter("%(asctime)s [%(levelname)s] [%(name)s] %(message)s")
    for name in ("console.log", "artifactory-service.log"):
        handler = logging.FileHandler(files.logs / name)
        handler.setFormatter(shape)
        logging.getLogger().addHandler(handler)


def _fatal(reason: str) -> int:
    log.error("Artifactory failed to start: %s", reason)
    sys.stdout.write(json.dumps({"fatal": reason}) + "\n")
    sys.stdout.flush()
    return 1
