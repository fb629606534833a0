"""Where a request goes: name, load balancer, target, and whether the caller can reach it at all."""

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from artifactory_sandbox.data_plane.machine import Machine
from artifactory_sandbox.network.balancer import Answered, Asked, Balancers, Chosen
from artifactory_sandbox.network.condition import Condition
from artifactory_sandbox.network.names import Names
from artifactory_sandbox.network.tls import Certificates


@dataclass(frozen=True, slots=True)
class Way:
    """An address to connect to. `site` and `node` are for counting; `alb_port` is set when an ALB adds its headers."""

    address: str
    port: int
    site: str
    node: str
    alb_port: int = 0
    target: tuple[str, str] = ("", "")
    """Target group (none by the machine's own address) and instance."""


@dataclass(frozen=True, slots=True)
class NoWay:
    """No answer from there: `status` is what the proxy says (0: it closes the connection), `reason` why."""

    status: int
    reason: str
    location: str = ""


class Routes:
    """Decides for each connection anew."""

    def __init__(
        self,
        names: Names,
        balancers: Balancers,
        condition: Condition,
        machines: Callable[[], list[Machine]],
        certificates: Certificates,
    ) -> None:
        self._certificates = certificates
        self.requests = balancers.requests
        self._names = names
        self._balancers = balancers
        self._condition = condition
        self._machines = machines

    def tls(self, asked: Asked) -> ssl.SSLContext | None:
        """What ends TLS where a client wants to connect to; None: nothing there does, bytes go on as they are."""
        found = self._names.resolve(asked.host)
        if found.host is not None:
            return self._certificates.of_names([asked.host])
        return self._balancers.tls(found.balancer, asked.port) if found.balancer is not None else None

    def find(self, caller: str, asked: Asked) -> Way | NoWay:
        """The way of one request."""
        if re.fullmatch(r"[0-9.]+", asked.host):
            return self._by_address(caller, asked)
        found = self._names.resolve(asked.host)
        if found.host is not None:
            if not self._condition.connected(caller, found.host.site):
                return _cut(caller, found.host.site)
            return Way(found.host.address, found.host.port, found.host.site, found.host.site)
        if found.balancer is not None:
            return self._by_balancer(caller, found.balancer, asked)
        if found.address.startswith("127."):
            return self._by_address(caller, Asked(asked.scheme, found.address, asked.port, asked.path))
        return NoWay(502, f"no such host: {asked.host}")

    def _by_balancer(self, caller: str, found: tuple[str, str, object], asked: Asked) -> Way | NoWay:
        _, region, _ = found
        if not self._condition.region_answers(region):
            return NoWay(504, f"{region} does not answer")
        site = self._balancers.site_of(found)
        if site and not self._condition.connected(caller, site):
            return _cut(caller, site)
        chosen = self._balancers.choose(found, asked)
        if isinstance(chosen, Answered):
            return NoWay(chosen.status, chosen.text, chosen.location)
        return self._to_machine(caller, chosen)

    def _to_machine(self, caller: str, chosen: Chosen) -> Way | NoWay:
        machine = chosen.machine
        if not self._condition.connected(caller, machine.site):
            return _cut(caller, machine.site)
        alb_port = chosen.client_port if chosen.speaks_http else 0
        return Way(machine.address, chosen.port, machine.site, machine.id, alb_port, (chosen.group, machine.id))

    def _by_address(self, caller: str, asked: Asked) -> Way | NoWay:
        """A machine by its loopback address, or by its private one from its own site: nodes and fronts reach nodes so."""
        machine = next((row for row in self._machines() if asked.host in _addresses(row, caller)), None)
        if machine is None:
            return NoWay(502, f"no such address: {asked.host}")
        if not self._condition.region_answers(machine.region):
            return NoWay(504, f"{machine.region} does not answer")
        if not self._condition.connected(caller, machine.site):
            return _cut(caller, machine.site)
        return Way(machine.address, asked.port, machine.site, machine.id, target=("", machine.id))


def _addresses(machine: Machine, caller: str) -> set[str]:
    return {machine.address, machine.private_ip} if machine.site == caller else {machine.address}


def _cut(caller: str, site: str) -> NoWay:
    return NoWay(504, f"{caller} and {site} are partitioned")
