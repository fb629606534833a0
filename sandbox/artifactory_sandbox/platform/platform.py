"""One node: its services, and who may call them. The composition root; it knows no HTTP server and no file of a node."""

import hashlib
import secrets
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from artifactory_sandbox.platform.artifacts.behaviour import Artifacts
from artifactory_sandbox.platform.binaries.chain import Binaries
from artifactory_sandbox.platform.builds.behaviour import Builds
from artifactory_sandbox.platform.cleanup.behaviour import Cleanup
from artifactory_sandbox.platform.clock import Clock
from artifactory_sandbox.platform.cluster.behaviour import STALE_S, Cluster
from artifactory_sandbox.platform.counters import Counters
from artifactory_sandbox.platform.distribution.behaviour import Distribution
from artifactory_sandbox.platform.faults import Faults
from artifactory_sandbox.platform.federation.behaviour import Federation
from artifactory_sandbox.platform.licences.behaviour import Licences
from artifactory_sandbox.platform.lifecycle.behaviour import Lifecycle
from artifactory_sandbox.platform.metrics.behaviour import Metrics
from artifactory_sandbox.platform.mission_control.behaviour import MissionControl
from artifactory_sandbox.platform.peers import Peers
from artifactory_sandbox.platform.replication.behaviour import Replication
from artifactory_sandbox.platform.repositories.behaviour import Repositories
from artifactory_sandbox.platform.schema import SCHEMA
from artifactory_sandbox.platform.security.authentication import login_needed
from artifactory_sandbox.platform.security.behaviour import Security
from artifactory_sandbox.platform.state import Database, Locks, Settings, Unreachable
from artifactory_sandbox.platform.system import folders as system_folders
from artifactory_sandbox.platform.system.behaviour import System
from artifactory_sandbox.platform.system.configuration import Configuration
from artifactory_sandbox.platform.system.request_log import RequestLog
from artifactory_sandbox.platform.trust.behaviour import Trust
from artifactory_sandbox.platform.version import Version
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route
from artifactory_sandbox.platform.web.url import is_web_address, same_address
from artifactory_sandbox.platform.webhooks.behaviour import Webhooks
from artifactory_sandbox.platform.worker import Worker

THREADS, STREAMS = 24, 8
_OFFLINE = "Server state is offline: this node has no valid license."


class Platform:
    """A node and the cluster state it shares."""

    def __init__(
        self,
        *,
        node_id: str,
        node_url: str,
        version: Version,
        database: Path | str,
        binaries: Binaries,
        temporary: Path,
        properties: Mapping[str, str],
        rtfs: bool,
        stale_seconds: float = STALE_S,
        folders: system_folders.Folders | None = None,
        ha: bool = True,
        metrics: bool = True,
        pools: Mapping[str, int] | None = None,
    ) -> None:
        self.ha = ha
        self.folders = folders or system_folders.bare(temporary)
        self.node_id = node_id
        self.node_url = node_url
        self.version = version
        self.binaries = binaries
        self.temporary = temporary
        self.properties = properties
        self.rtfs = rtfs
        self.clock = Clock()
        self.metrics = Metrics(self, metrics)
        self.request_log = RequestLog(self)
        self.counters = Counters()
        self.faults = Faults(self)
        self.pool = ThreadPoolExecutor(THREADS, thread_name_prefix=f"calls-{node_id}")
        self.streams = ThreadPoolExecutor(STREAMS, thread_name_prefix=f"streams-{node_id}")
        """Bodies on their way in and out, and health: no slow call keeps them waiting."""
        self.peer_pool = ThreadPoolExecutor(THREADS, thread_name_prefix=f"peers-{node_id}")
        """Calls of other nodes: platforms that ask each other must not wait for each other's last thread."""
        self.stopping = threading.Event()
        self.database = Database(database, SCHEMA, pools)
        self.settings = Settings(self.database)
        self.locks = Locks(self.database, node_id)
        self.peers = Peers(node_id)
        self.cluster = Cluster(self, stale_seconds)
        self.licences = Licences(self)
        self.configuration = Configuration(self)
        self.repositories = Repositories(self)
        self.security = Security(self)
        self.artifacts = Artifacts(self)
        self.trust = Trust(self)
        self.replication = Replication(self)
        self.federation = Federation(self)
        self.builds = Builds(self)
        self.webhooks = Webhooks(self)
        self.mission_control = MissionControl(self)
        self.lifecycle = Lifecycle(self)
        self.distribution = Distribution(self)
        self.cleanup = Cleanup(self)
        self.system = System(self)
        self.binaries.attach(self)
        self.worker = Worker(self)

    def start(self) -> None:
        """Joins the cluster and starts the work that nobody calls for; what a killed node was receiving goes."""
        self.temporary.mkdir(parents=True, exist_ok=True)
        for unfinished in self.temporary.glob("upload-*"):
            unfinished.unlink(missing_ok=True)
        self.cluster.join()
        self.binaries.start()
        self.worker.start()

    def stop(self) -> None:
        """Leaves the cluster."""
        self.stopping.set()
        self.worker.stop()
        self.binaries.stop()
        self.replication.stop()
        self.federation.stop()
        for threads in (self.pool, self.peer_pool, self.streams):
            threads.shutdown(wait=True, cancel_futures=True)
        with suppress(Unreachable):
            self.cluster.leave()
        self.request_log.close()
        self.database.close()

    def access_log(self, call: Call, answer: Answer, seconds: float) -> None:
        """Hears of every call once it is answered; in the loop, so it is quick."""
        self.request_log(call, answer, seconds)

    def wake(self) -> None:
        """There may be work: do not wait for the next tick."""
        self.worker.wake()

    def system_property(self, name: str, default: float) -> float:
        """A number of artifactory.system.properties."""
        try:
            return float(self.properties.get(name, default))
        except ValueError:
            return default

    @property
    def service_id(self) -> str:
        """`jfrt@…`, one a cluster."""
        return self.artifactory_id_of("jfrt")

    @property
    def artifactory_id(self) -> str:
        """The cluster's id as the response header gives it."""
        return hashlib.sha1(self.service_id.encode(), usedforsecurity=False).hexdigest()

    def artifactory_id_of(self, prefix: str) -> str:
        """Service id of one of the platform's services (1.1)."""
        if not hasattr(self, "_id"):
            self._id = str(self.settings.once("service-id", lambda: "01" + secrets.token_hex(12)))
        return f"{prefix}@{self._id}"

    def admit(self, call: Call, row: Route) -> None:
        """Settles who calls and from where, and refuses whom the row does not let in."""
        call.base_url = self.base_url_for(call)
        if row.needs is Needs.PUBLIC:
            return
        if row.needs is Needs.PEER:
            self._demand_licence()
            return
        call.caller = self.security.authentication.caller(call.headers, call.path)
        if row.section != "1.2":
            self._demand_licence()
        if row.needs is Needs.ADMIN and not self.security.admitted(call):
            raise Refused(403, "Forbidden") if call.caller.known else login_needed()
        if row.needs is Needs.MANAGER:
            self.security.demand_manager(call)
        if row.needs is Needs.USER and not call.caller.known:
            raise login_needed()
        if row.needs is Needs.CALLER and not call.caller.known and not self.configuration.anonymous:
            raise login_needed()

    def base_url_for(self, call: Call) -> str:
        """Platform URL of generated addresses: the proxy's override header, else the base URL, else the Host header."""
        override = call.headers.get("x-jfrog-override-base-url", "")
        if override and is_web_address(override):
            return override.rstrip("/").removesuffix("/artifactory")
        asked = f"http://{call.headers.get('host') or urlsplit(self.node_url).netloc}"
        if not is_web_address(asked):
            raise Refused(400, "The Host header is not valid")
        base = self.configuration.base_url
        return base if base and not same_address(base, asked) else asked

    def describe(self) -> dict[str, Any]:
        """What the control side sees."""
        return {"node": self.node_id, "version": self.version, "url": self.node_url, "licensed": self.licences.valid}

    def _demand_licence(self) -> None:
        if not self.licences.valid:
            raise Refused(503, _OFFLINE)
