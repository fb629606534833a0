"""One node: its services, and who may call them. The composition root; it knows no HTTP server and no file of a node."""

import hashlib
import secrets
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from artifactory_sandbox.platform.artifacts.behaviour import Artifacts
from artifactory_sandbox.platform.binaries.chain import Binaries
from artifactory_sandbox.platform.clock import Clock
from artifactory_sandbox.platform.cluster.behaviour import STALE_S, Cluster
from artifactory_sandbox.platform.counters import Counters
from artifactory_sandbox.platform.faults import Faults
from artifactory_sandbox.platform.federation.behaviour import Federation
from artifactory_sandbox.platform.licences.behaviour import Licences
from artifactory_sandbox.platform.peers import Peers
from artifactory_sandbox.platform.replication.behaviour import Replication
from artifactory_sandbox.platform.repositories.behaviour import Repositories
from artifactory_sandbox.platform.schema import SCHEMA
from artifactory_sandbox.platform.security.authentication import login_needed
from artifactory_sandbox.platform.security.behaviour import Security
from artifactory_sandbox.platform.state import Database, Locks, Settings
from artifactory_sandbox.platform.system.configuration import Configuration
from artifactory_sandbox.platform.trust.behaviour import Trust
from artifactory_sandbox.platform.version import Version
from artifactory_sandbox.platform.web import Call, Needs, Refused, Route
from artifactory_sandbox.platform.worker import Worker

THREADS = 12
_OFFLINE = "Server state is offline: this node has no valid license."


class Platform:
    """A node and the cluster state it shares."""

    def __init__(
        self,
        *,
        node_id: str,
        node_url: str,
        version: Version,
        database: Path,
        binaries: Binaries,
        temporary: Path,
        properties: Mapping[str, str],
        rtfs: bool,
        stale_seconds: float = STALE_S,
    ) -> None:
        self.node_id = node_id
        self.node_url = node_url
        self.version = version
        self.binaries = binaries
        self.temporary = temporary
        self.properties = properties
        self.rtfs = rtfs
        self.clock = Clock()
        self.counters = Counters()
        self.faults = Faults(self)
        self.pool = ThreadPoolExecutor(THREADS, thread_name_prefix=f"calls-{node_id}")
        self.stopping = threading.Event()
        self.database = Database(database, SCHEMA)
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
        self.worker = Worker(self)

    def start(self) -> None:
        """Joins the cluster and starts the work that nobody calls for."""
        self.cluster.join()
        self.worker.start()

    def stop(self) -> None:
        """Leaves the cluster."""
        self.stopping.set()
        self.worker.stop()
        self.pool.shutdown(wait=True, cancel_futures=True)
        self.cluster.leave()
        self.database.close()

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
        call.caller = self.security.authentication.caller(call.headers)
        if row.section != "1.2":
            self._demand_licence()
        if row.needs is Needs.ADMIN and not call.caller.admin:
            raise Refused(403, "Forbidden") if call.caller.known else login_needed()
        if row.needs is Needs.USER and not call.caller.known:
            raise login_needed()
        if row.needs is Needs.CALLER and not call.caller.known and not self.configuration.anonymous:
            raise login_needed()

    def base_url_for(self, call: Call) -> str:
        """Platform URL of generated addresses: the proxy's override header, else the base URL, else the Host header."""
        override = call.headers.get("x-jfrog-override-base-url", "")
        if override and urlsplit(override).scheme in {"http", "https"}:
            return override.rstrip("/").removesuffix("/artifactory")
        return self.configuration.base_url or f"http://{call.headers.get('host') or urlsplit(self.node_url).netloc}"

    def describe(self) -> dict[str, Any]:
        """What the control side sees."""
        return {"node": self.node_id, "version": self.version, "url": self.node_url, "licensed": self.licences.valid}

    def _demand_licence(self) -> None:
        if not self.licences.valid:
            raise Refused(503, _OFFLINE)
