"""Load balancers: which listener, which rule, which healthy target answers a request."""

import fnmatch
import itertools
import random
import ssl
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from artifactory_sandbox.aws import backends
from artifactory_sandbox.data_plane.machine import Machine
from artifactory_sandbox.network.health import Health
from artifactory_sandbox.network.tls import Certificates


@dataclass(frozen=True, slots=True)
class Asked:
    """What a balancer sees of a request."""

    scheme: str
    host: str
    port: int
    path: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """A target: its machine and port, and whether the balancer understands HTTP (an ALB does, an NLB does not)."""

    machine: Machine
    port: int
    speaks_http: bool
    client_port: int
    group: str = ""
    """ARN of the target group."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The balancer's own answer; status 0 closes the connection."""

    status: int
    text: str
    location: str = ""


class Balancers:
    """Plays every load balancer of moto's."""

    def __init__(self, machines: Callable[[str], Machine | None], health: Health, certificates: Certificates) -> None:
        self._machines = machines
        self._certificates = certificates
        self._health = health
        self.requests = health.requests
        self._turns: defaultdict[str, Iterator[int]] = defaultdict(itertools.count)

    def choose(self, found: tuple[str, str, Any], asked: Asked) -> Chosen | Answered:
        """What becomes of a request that arrived at a balancer."""
        account, region, balancer = found
        listener = next((row for row in list(balancer.listeners.values()) if int(row.port) == asked.port), None)
        if listener is None:
            return Answered(0, f"{balancer.name} has no listener on port {asked.port}")
        speaks_http = balancer.type == "application"
        action = _action(listener, asked) if speaks_http else listener.default_actions[0].data
        kind = action.get("Type")
        if kind == "fixed-response":
            config = action.get("FixedResponseConfig", {})
            return Answered(int(config.get("StatusCode", 503)), config.get("MessageBody", ""))
        if kind == "redirect":
            return _redirect(action.get("RedirectConfig", {}), asked)
        arn = _group_arn(action)
        group = backends.backend("elbv2", account, region).target_groups.get(arn)
        machine = self._turn(group) if group is not None else None
        if machine is None:
            status = 503 if speaks_http else 0
            return Answered(status, f"{balancer.name}: no healthy target")
        port = int(group.targets[machine.id]["Port"])
        return Chosen(machine, port, speaks_http, asked.port, group.arn)

    def tls(self, found: tuple[str, str, Any], port: int) -> ssl.SSLContext | None:
        """What the listener at a port ends TLS with, if it does."""
        account, region, balancer = found
        listener = next((row for row in list(balancer.listeners.values()) if int(row.port) == port), None)
        return self._certificates.of_listener(account, region, listener) if listener is not None else None

    def site_of(self, found: tuple[str, str, Any]) -> str:
        """The site whose balancer it is, by its tags."""
        account, region, balancer = found
        tags = backends.backend("elbv2", account, region).tagging_service.get_tag_dict_for_resource(balancer.arn)
        return str(tags.get("artifactory-estate-site", ""))

    def _turn(self, group: Any) -> Machine | None:
        """The next healthy target of a group."""
        healthy = [
            target["Id"]
            for target in list(group.targets.values())
            if self._health.state(group.arn, target["Id"]).state == "healthy"
        ]
        if not healthy:
            return None
        return self._machines(healthy[next(self._turns[group.arn]) % len(healthy)])


def _action(listener: Any, asked: Asked) -> dict[str, Any]:
    """The routing action of the first rule that matches, by priority."""
    rules = sorted(
        (rule for rule in listener.rules.values() if rule.priority != "default"), key=lambda rule: int(rule.priority)
    )
    actions = next(
        (rule.actions for rule in rules if all(_meets(row, asked) for row in rule.conditions)), listener.default_actions
    )
    routing = [action.data for action in actions if not str(action.type).startswith("authenticate")]
    return dict(routing[-1]) if routing else {"Type": "fixed-response"}


def _meets(condition: dict[str, Any], asked: Asked) -> bool:
    kind = condition.get("Field")
    if kind == "host-header":
        patterns = condition.get("Values") or condition.get("HostHeaderConfig", {}).get("Values", [])
        return any(fnmatch.fnmatchcase(asked.host.lower(), pattern.lower()) for pattern in patterns)
    if kind == "path-pattern":
        patterns = condition.get("Values") or condition.get("PathPatternConfig", {}).get("Values", [])
        return any(fnmatch.fnmatchcase(asked.path.split("?")[0], pattern) for pattern in patterns)
    return False


def _group_arn(action: dict[str, Any]) -> str:
    groups = action.get("ForwardConfig", {}).get("TargetGroups", [])
    if action.get("TargetGroupArn") or not groups:
        return str(action.get("TargetGroupArn", ""))
    weights = [int(group.get("Weight", 1)) for group in groups]
    chosen = random.choices(groups, weights)[0] if any(weights) else groups[0]  # noqa: S311  traffic, not secrets
    return str(chosen["TargetGroupArn"])


def _redirect(config: dict[str, Any], asked: Asked) -> Answered:
    path, _, query = asked.path.partition("?")
    parts = {
        "#{protocol}": asked.scheme,
        "#{host}": asked.host,
        "#{port}": str(asked.port),
        "#{path}": path.lstrip("/"),
        "#{query}": query,
    }

    def filled(name: str, default: str) -> str:
        text = str(config.get(name, default))
        for placeholder, value in parts.items():
            text = text.replace(placeholder, value)
        return text

    scheme, port = filled("Protocol", "#{protocol}").lower(), filled("Port", "#{port}")
    shown = "" if (scheme, port) in {("https", "443"), ("http", "80")} else f":{port}"
    tail = filled("Query", "#{query}")
    location = f"{scheme}://{filled('Host', '#{host}')}{shown}{filled('Path', '/#{path}')}{f'?{tail}' if tail else ''}"
    return Answered(int(str(config.get("StatusCode", "HTTP_302")).removeprefix("HTTP_")), "", location)
