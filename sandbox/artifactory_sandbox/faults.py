"""Faults, as data: what can be broken, with which fields, and by which function.

`POST /faults` takes `{"kind": ..., <fields>}`. A `node` is an instance id; where a fault says "or site", every node of the site
is meant (an external platform is a site). Kinds and fields are in KINDS; an unknown kind or a missing field is refused with the list.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from artifactory_sandbox.aws import backends
from artifactory_sandbox.data_plane.databases import FAILOVER_S
from artifactory_sandbox.data_plane.machine import Machine
from artifactory_sandbox.data_plane.plane import DataPlane
from artifactory_sandbox.data_plane.units import NODE
from artifactory_sandbox.external import Externals
from artifactory_sandbox.network.condition import Condition, Link
from artifactory_sandbox.platform.boot.files import Files
from artifactory_sandbox.platform.boot.refusal import CannotStart
from artifactory_sandbox.platform.boot.system_yaml import SystemYaml

_NODE_PORT = 8082
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class NoSuchFault(ValueError):
    """The request names no fault of ours, or lacks a field, or names nothing that is there."""


@dataclass(frozen=True, slots=True)
class World:
    """What faults act on."""

    plane: DataPlane
    condition: Condition
    externals: Externals


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault: what it does, the fields it needs, and how."""

    says: str
    needs: tuple[str, ...]
    do: Callable[[World, Mapping[str, Any]], Any]


def set_fault(world: World, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Carries one out; raises NoSuchFault."""
    kind = KINDS.get(str(wanted.get("kind")))
    if kind is None:
        raise NoSuchFault(f"no such fault: {wanted.get('kind')!r}; there are {', '.join(sorted(KINDS))}")
    missing = [name for name in kind.needs if name not in wanted]
    if missing:
        raise NoSuchFault(f"{wanted['kind']} needs {', '.join(missing)}")
    return {"kind": wanted["kind"], "done": kind.do(world, wanted)}


def _node_id(machine: Machine) -> str:
    """As its system.yaml says, and so `estate status`; empty for a machine that is no node, or not yet, or no more."""
    try:
        return "" if machine.state == "terminated" else SystemYaml(Files(machine.root)).node_id
    except CannotStart:
        return ""


def _machines(world: World, wanted: Mapping[str, Any]) -> list[Machine]:
    """The machines that `node`, by node or instance id, or `site` names."""
    machines = list(world.plane.machines.values())
    if "node" in wanted:
        by_name = {name: machine for machine in machines for name in (_node_id(machine), machine.id)}
        machine = by_name.get(str(wanted["node"]))
        if machine is None:
            raise NoSuchFault(f"no such node: {wanted['node']}; there are {', '.join(sorted(filter(None, by_name)))}")
        return [machine]
    found = [machine for machine in machines if machine.site == wanted.get("site")]
    if not found:
        raise NoSuchFault(f"no node of site {wanted.get('site')!r}")
    return found


def _is_external(world: World, wanted: Mapping[str, Any]) -> bool:
    return _name(wanted) in world.externals.platforms


def _name(wanted: Mapping[str, Any]) -> str:
    return str(wanted.get("node", wanted.get("site", "")))


def _kill_node(world: World, wanted: Mapping[str, Any]) -> list[str]:
    if _is_external(world, wanted):
        world.externals.stop(_name(wanted))
        return [_name(wanted)]
    machines = _machines(world, wanted)
    for machine in machines:
        if wanted.get("instance"):
            backends.terminate(machine.account, machine.region, [machine.id])
        else:
            world.plane.units.kill(machine)
    world.plane.wake()
    return [machine.id for machine in machines]


def _stop_node(world: World, wanted: Mapping[str, Any]) -> list[str]:
    if _is_external(world, wanted):
        world.externals.stop(_name(wanted), grace=5.0)
        return [_name(wanted)]
    machines = _machines(world, wanted)
    for machine in machines:
        world.plane.units.stop(machine, NODE)
    return [machine.id for machine in machines]


def _start_node(world: World, wanted: Mapping[str, Any]) -> list[str]:
    if _is_external(world, wanted):
        world.externals.start(world.externals.platforms[_name(wanted)].site)
        return [_name(wanted)]
    machines = _machines(world, wanted)
    for machine in machines:
        world.plane.units.start(machine, NODE)
    return [machine.id for machine in machines]


def _partition(world: World, wanted: Mapping[str, Any]) -> list[str]:
    sites = [str(site) for site in wanted["sites"]]
    if len(sites) != 2:
        raise NoSuchFault("partition needs two sites (`client` counts as one)")
    world.condition.partition(*sites)
    return sites


def _heal(world: World, wanted: Mapping[str, Any]) -> str:
    world.condition.heal()
    world.plane.databases.heal()
    for url in _urls(world, {}):
        _post(url, {"kind": "heal"}, tolerant=True)
    return "healed"


def _region_down(world: World, wanted: Mapping[str, Any]) -> str:
    world.condition.region_down(str(wanted["region"]))
    world.plane.reconcile()
    return str(wanted["region"])


def _region_up(world: World, wanted: Mapping[str, Any]) -> str:
    world.condition.region_up(str(wanted["region"]))
    world.plane.wake()
    return str(wanted["region"])


def _refuse_writes(world: World, wanted: Mapping[str, Any]) -> list[str]:
    services = [str(service) for service in wanted.get("services", ["route53", "iam"])]
    for service in services:
        world.condition.refuse_writes(service)
    return services


def _slow_link(world: World, wanted: Mapping[str, Any]) -> str:
    world.condition.slow(str(wanted["site"]), Link(float(wanted.get("delay", 0)), float(wanted.get("rate", 0))))
    return str(wanted["site"])


def _database_down(world: World, wanted: Mapping[str, Any]) -> str:
    world.plane.databases.unreachable.add(str(wanted["database"]))
    world.plane.databases.sync()
    return str(wanted["database"])


def _database_full(world: World, wanted: Mapping[str, Any]) -> str:
    world.plane.databases.full.add(str(wanted["database"]))
    world.plane.databases.sync()
    return str(wanted["database"])


def _database_failover(world: World, wanted: Mapping[str, Any]) -> str:
    world.plane.databases.fail_over(str(wanted["database"]), float(wanted.get("seconds", FAILOVER_S)))
    return str(wanted["database"])


def _bad_version(world: World, wanted: Mapping[str, Any]) -> str:
    world.plane.bad_versions.add(str(wanted["version"]))
    return str(wanted["version"])


def _rotate_token(world: World, wanted: Mapping[str, Any]) -> str:
    name = str(wanted["site"])
    if name not in world.externals.platforms:
        raise NoSuchFault(f"{name} is no external platform of this sandbox")
    world.externals.rotate_token(name)
    return name


def _to_nodes(world: World, wanted: Mapping[str, Any]) -> list[Any]:
    """Faults that a simulated node carries out itself."""
    passed_on = {name: value for name, value in wanted.items() if name not in {"node", "site"}}
    return [_post(url, passed_on) for url in _urls(world, wanted)]


def _urls(world: World, wanted: Mapping[str, Any]) -> list[str]:
    """Control URLs of the named nodes; of all when none is named."""
    externals = world.externals.platforms
    if _is_external(world, wanted):
        return [externals[_name(wanted)].url]
    machines = _machines(world, wanted) if {"node", "site"} & set(wanted) else list(world.plane.machines.values())
    urls = [f"http://{machine.address}:{_NODE_PORT}" for machine in machines if machine.unit(NODE).state == "active"]
    return urls if {"node", "site"} & set(wanted) else urls + [platform.url for platform in externals.values()]


def node_urls(world: World) -> dict[str, str]:
    """Where every node that runs takes control calls: by the id of its machine, or by the name of an external site."""
    machines = [machine for machine in list(world.plane.machines.values()) if machine.unit(NODE).state == "active"]
    found = {machine.id: f"http://{machine.address}:{_NODE_PORT}" for machine in machines}
    return found | {name: platform.url for name, platform in world.externals.platforms.items()}


def _post(url: str, body: dict[str, Any], tolerant: bool = False) -> Any:
    where, data = f"{url}/__sandbox__/faults", json.dumps(body).encode()
    request = urllib.request.Request(where, data, {"Content-Type": "application/json"})  # noqa: S310  our own nodes
    try:
        with _NO_PROXY.open(request, timeout=5) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise NoSuchFault(error.read().decode(errors="replace")) from error
    except OSError as error:
        if tolerant:
            return None
        raise NoSuchFault(f"{url} does not answer: {error}") from error


_NODES = ("kind",)
KINDS: dict[str, Kind] = {
    "kill-node": Kind(
        "SIGKILL to the node of `node` or `site`; `instance: true` terminates the instance", (), _kill_node
    ),
    "stop-node": Kind("stops the node of `node` or `site` cleanly", (), _stop_node),
    "start-node": Kind("starts it again", (), _start_node),
    "partition": Kind("two `sites` (or `client` and a site) do not reach each other", ("sites",), _partition),
    "heal": Kind("ends partitions, refusals, slow links and everything set at nodes; regions stay down", (), _heal),
    "region-down": Kind(
        "a `region` is gone: its API, nodes, databases, load balancers; us-east-1 takes writes to Route 53 and IAM with it",
        ("region",),
        _region_down,
    ),
    "region-up": Kind("it is back, its enabled services start", ("region",), _region_up),
    "refuse-writes": Kind("writes to `services` (default route53, iam) are refused", (), _refuse_writes),
    "slow-link": Kind("a `site` answers after `delay` seconds, at `rate` bytes a second", ("site",), _slow_link),
    "database-down": Kind(
        "an RDS instance or cluster (`database`: its identifier) does not answer", ("database",), _database_down
    ),
    "database-full": Kind("the storage of a `database` is full: it takes no writes", ("database",), _database_full),
    "database-failover": Kind(
        "the standby of a `database` takes over: all connections are cut, none is made for `seconds` (3)",
        ("database",),
        _database_failover,
    ),
    "bad-version": Kind(
        "Artifactory `version` cannot start where it is installed from now on", ("version",), _bad_version
    ),
    "rotate-token": Kind(
        "an external `site` gets a new admin token in its file; the old one is revoked", ("site",), _rotate_token
    ),
    "clock": Kind("clock of `node` or `site`: `skew` seconds, or `advance`", _NODES, _to_nodes),
    "fill-disk": Kind(
        "no upload fits on `node` or `site`; or the binaries' `mount` there is full, to `percent` of it",
        _NODES,
        _to_nodes,
    ),
    "free-disk": Kind("they fit again; on a `mount`, too", _NODES, _to_nodes),
    "break-mount": Kind("every access to a `mount` of binaries fails on `node` or `site`", ("mount",), _to_nodes),
    "mend-mount": Kind("it works again", ("mount",), _to_nodes),
    "expire-licence": Kind("the licence of `node` or `site` is over", _NODES, _to_nodes),
    "purge-queue": Kind("the federation queue of `repository` is lost", _NODES, _to_nodes),
    "answer": Kind("`node` or `site` answers `status` (429, 503), `times` times", ("status",), _to_nodes),
    "delay": Kind("answers `seconds` late", ("seconds",), _to_nodes),
    "drop": Kind("drops the connection, `after_writes`, or with `carried_out: true` after doing it", _NODES, _to_nodes),
}
