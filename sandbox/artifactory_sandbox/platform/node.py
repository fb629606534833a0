"""One node of a cluster, from the files that its bootstrap wrote."""

import asyncio
import json
import logging
import sys
from pathlib import Path

from artifactory_sandbox.platform.boot import binarystore, cluster
from artifactory_sandbox.platform.boot.files import Files
from artifactory_sandbox.platform.boot.refusal import CannotStart
from artifactory_sandbox.platform.boot.system_yaml import SystemYaml, read_properties
from artifactory_sandbox.platform.cluster.behaviour import STALE_S
from artifactory_sandbox.platform.front.served import Refused
from artifactory_sandbox.platform.front.web_server import WebServers
from artifactory_sandbox.platform.platform import Platform
from artifactory_sandbox.platform.serve import CannotListen, Listener, bind, run
from artifactory_sandbox.platform.state import Unreachable
from artifactory_sandbox.platform.system.folders import Folders
from artifactory_sandbox.platform.table import ROUTES
from artifactory_sandbox.platform.web.app import App

log = logging.getLogger(__name__)

ARTIFACTORY_PORT, ROUTER_PORT = 8081, 8082


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
    except (CannotListen, Refused) as error:
        return _fatal(str(error))
    finally:
        platform.stop()
    return 0


def start(files: Files, address: str, control: str, stale_seconds: float = STALE_S) -> Platform:
    """Reads and checks everything and joins the cluster; raises `CannotStart`."""
    files.check_program()
    yaml = SystemYaml(files)
    properties = read_properties(files)
    master, join = yaml.key("master"), yaml.key("join")
    declared = yaml.database()
    database = cluster.database_of(control, declared)
    try:
        platform = Platform(
            node_id=yaml.node_id,
            node_url=f"http://{address}:{ROUTER_PORT}",
            version=files.version(),
            database=database,
            binaries=binarystore.build(files, str(yaml.value("shared.node.crossZoneOrder", ""))),
            temporary=files.var / "data/artifactory/tmp",
            properties=properties,
            rtfs=yaml.flag("rtfs.enabled"),
            stale_seconds=stale_seconds,
            folders=Folders(files.root, files.var),
            ha=yaml.flag("shared.node.haEnabled"),
            metrics=yaml.flag("artifactory.metrics.enabled", yaml.flag("shared.metrics.enabled")),
            pools=declared.pools,
        )
    except Unreachable as error:
        raise CannotStart(f"cannot reach the database: {error}") from error
    try:
        cluster.convert_database(platform)
        cluster.check_keys(platform, master, join)
        cluster.take_licence(platform, files)
        cluster.check_filestore(platform)
        cluster.first_administrator(platform, files)
        cluster.write_token(platform, files)
    except CannotStart:
        for threads in (platform.pool, platform.peer_pool, platform.streams):
            threads.shutdown()
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
    apps = {ARTIFACTORY_PORT: direct, ROUTER_PORT: router}
    web_servers = WebServers(files, address, apps, end)

    async def ready() -> None:
        platform.start()
        web_servers.start()
        log.warning("Artifactory %s is up: node %s at %s", platform.version, platform.node_id, platform.node_url)

    await run(listeners, ready, end)
    await web_servers.stop()


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
