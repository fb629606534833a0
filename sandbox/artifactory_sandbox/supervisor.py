"""The sandbox, whole: moto, data plane, proxy and control API in one process, simulated nodes as its children.

Import this module only after `aws.settings.pin()`: it imports moto.
"""

import asyncio
import logging
import os
import shutil
import socket
import threading
import urllib.request
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn

from artifactory_sandbox import licence
from artifactory_sandbox.aws import backends, patches
from artifactory_sandbox.aws.server import AwsServer
from artifactory_sandbox.aws.settings import ACCOUNT, CLIENT_KEY, SECRET_KEY
from artifactory_sandbox.control.api import Api, Parts
from artifactory_sandbox.data_plane import aws_client, stubs
from artifactory_sandbox.data_plane.plane import DataPlane, Places
from artifactory_sandbox.data_plane.replication import Replication
from artifactory_sandbox.document import Document
from artifactory_sandbox.external import Externals, write_secret
from artifactory_sandbox.faults import World
from artifactory_sandbox.network.balancer import Balancers
from artifactory_sandbox.network.condition import CLIENT, Condition
from artifactory_sandbox.network.health import Health
from artifactory_sandbox.network.names import Names
from artifactory_sandbox.network.proxy import Proxy
from artifactory_sandbox.network.routes import Routes
from artifactory_sandbox.network.tls import Certificates
from artifactory_sandbox.network.traffic import Traffic
from artifactory_sandbox.processes import Processes
from artifactory_sandbox.state import StateDirectory

_PLUGIN = Path(__file__).parent / "aws_plugin" / "bin"
_DEFAULT_REGION = "us-east-1"
_SPARE_LICENCES = 2
_log = logging.getLogger(__name__)


class Sandbox:
    """One sandbox. `start` returns when everything answers; `stop` ends every process it made."""

    def __init__(self, state: StateDirectory, document: Document, node_command: Sequence[str]) -> None:
        self._state = state
        self._document = document
        self._processes = Processes()
        self._condition = Condition()
        self._traffic = Traffic()
        self._loop = asyncio.new_event_loop()
        self._loop_thread = threading.Thread(target=self._loop.run_forever, name="network", daemon=True)
        answers = self._condition.region_answers
        self._names = Names(answers)
        self._certificates = Certificates(state.path / "ca.pem")
        places = Places(lambda: self._aws.url, lambda: self._control_url, self.proxy)
        self._plane = DataPlane(state.path, state.stubs, self._processes, places, answers, node_command)
        self._replication = Replication(answers)
        self._health = Health(self._plane.machines.get, answers)
        self._plane.target_states = self._health.state
        self._plane.draining = self._health.requests
        balancers = Balancers(self._plane.machines.get, self._health, self._certificates)
        machines = self._plane.machines
        routes = Routes(self._names, balancers, self._condition, lambda: list(machines.values()), self._certificates)
        self._proxy = Proxy(routes, self._condition, self._traffic)
        self._externals = Externals(state.path / "external", self._processes, self.proxy)
        self._aws = AwsServer(0, self._condition.gate, self._plane.wake)
        self._control_url = ""
        self._control: uvicorn.Server | None = None
        self._background: list[Future[Any]] = []

    def start(self) -> dict[str, Any]:
        """Brings everything up; the content of sandbox.json. Raises PatchFailed, NotStarted."""
        self._clean()
        stubs.write(self._state.stubs)
        aws_client.start(self._state.stubs / stubs.AWS, self._processes, self._state.path / "logs" / "aws-client.log")
        patches.apply(self._plane)
        self._aws.start()
        self._check_patches()
        self._loop_thread.start()
        self._start_control()
        self._plane.start()
        self._replication.start()
        self._background.append(asyncio.run_coroutine_threadsafe(self._health.run(), self._loop))
        self._prepare()
        description = {
            "pid": os.getpid(),
            "aws_endpoint": self._aws.url,
            "proxy": self.proxy(CLIENT),
            "control": self._control_url,
            "env": self._client_environment(),
        }
        self._state.write(description)
        return description

    def stop(self) -> None:
        """Ends nodes, servers and threads, in the order that loses nothing."""
        self._plane.stop()
        self._replication.stop()
        self._processes.end_all()
        for task in self._background:
            task.cancel()
        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(self._proxy.close(), self._loop).result(5)
        if self._control is not None:
            self._control.should_exit = True
        self._aws.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._state.clear()

    def proxy(self, caller: str) -> str:
        """The URL of the proxy listener of a caller: a site's name, or `client`."""
        return asyncio.run_coroutine_threadsafe(self._proxy.listen(caller or CLIENT), self._loop).result(10)

    def status(self) -> dict[str, Any]:
        """What runs, and what is broken."""
        machines = [machine.data() for machine in list(self._plane.machines.values())]
        return {
            "pid": os.getpid(),
            "simulated": "simulated, not JFrog Artifactory",
            "aws_endpoint": self._aws.url,
            "control": self._control_url,
            "processes": self._processes.pids(),
            "nodes": machines + [platform.data() for platform in self._externals.platforms.values()],
            "condition": self._condition.data(),
        }

    # parts of starting

    def _clean(self) -> None:
        """What an earlier sandbox left: moto's state is gone, so are the machines it described."""
        for name in ("instances", "databases", "external", "volumes", "file-systems", "object-stores"):
            shutil.rmtree(self._state.path / name, ignore_errors=True)

    def _check_patches(self) -> None:
        def reset() -> None:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                f"{self._aws.url}/moto-api/reset", data=b""
            ) as answer:
                answer.read()

        patches.check(self._aws.url, reset)
        self._aws.counters.reset()

    def _start_control(self) -> None:
        world = World(self._plane, self._condition, self._externals)
        api = Api(Parts(world, self._names, self._traffic, self._aws.counters, self.status))
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # as platform.serve.bind
        listening.bind(("127.0.0.1", 0))
        self._control_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(api.application(), log_level="warning", access_log=False, lifespan="off", ws="none")
        self._control = uvicorn.Server(config)
        self._background.append(asyncio.run_coroutine_threadsafe(self._control.serve(sockets=[listening]), self._loop))

    def _prepare(self) -> None:
        """What a customer has before the first `up`: zones, licence files, platforms that run already, a place for state."""
        for account, zone in sorted(self._document.zones):
            route53 = backends.backend("route53", account or ACCOUNT, "aws")
            route53.create_hosted_zone(name=f"{zone}.", private_zone=False, caller_reference=zone)
        self._certificates.write()
        for site in self._document.sites:
            if site.certificate:
                self._certificates.put(site.certificate, [site.host, f"*.{site.host}", *self._document.service_names])
            for path in site.licence_files if site.managed else ():
                if not path.is_file():
                    write_secret(path, licence.file_text(licence.make(site.most_nodes + _SPARE_LICENCES)))
            if not site.managed and site.token_file is not None:
                self._names.hosts[site.host] = self._externals.start(site)
        if self._document.backend_directory is not None:
            self._document.backend_directory.mkdir(parents=True, exist_ok=True)

    def _client_environment(self) -> dict[str, str]:
        proxy = self.proxy(CLIENT)
        return {
            "AWS_ENDPOINT_URL": self._aws.url,
            "AWS_ACCESS_KEY_ID": CLIENT_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_DEFAULT_REGION": _DEFAULT_REGION,
            "AWS_REGION": _DEFAULT_REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "http_proxy": proxy,
            "https_proxy": proxy,
            "HTTP_PROXY": proxy,
            "HTTPS_PROXY": proxy,
            "no_proxy": "127.0.0.1,localhost",
            "NO_PROXY": "127.0.0.1,localhost",
            "ESTATE_SANDBOX_CONTROL": self._control_url,
            "ESTATE_SANDBOX_PLUGIN_PATH": str(_PLUGIN),
        }
