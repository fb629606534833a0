"""A main database is one that every node sees alike: no replica, nothing that catches up later (seed 004)."""

import re
from collections.abc import Iterator

from artifactory_estate.base import Refusal
from artifactory_estate.database.jdbc import Url, parsed

SEED = "seed 004: all nodes see one consistent view; eventual consistency and write-behind are not supported"

_ENDPOINTS = (
    (r"\.cluster-ro-[a-z0-9]+\.", "Aurora's reader endpoint", "Name the cluster's endpoint, without `-ro`."),
    (r"\.cluster-custom-[a-z0-9]+\.", "a custom endpoint of Aurora, which leads to readers too", "Name the cluster's."),
    (r"\.endpoint\.proxy-[a-z0-9]+\.", "an RDS Proxy's read-only endpoint", "Name the database's endpoint."),
    (r"\.proxy-[a-z0-9]+\.", "an RDS Proxy", "Name the database's endpoint: Artifactory keeps pools of its own."),
    (r"\.global-[a-z0-9]+\.global\.", "a global database's endpoint", "Name the cluster of the site's own region."),
    (r"\.dsql\.[a-z0-9-]+\.on\.aws$", "Aurora DSQL", "Take PostgreSQL or aurora-postgresql."),
    (r"\.cockroachlabs\.cloud$|\.aws\.ybdb\.io$|\.yugabyte\.cloud$", "a distributed database", "Take PostgreSQL."),
    (r"(^|[.-])(replica|readreplica|reader|readonly|read-only)\d*([.-]|$)", "a read replica",
     "Name the primary; a name that only looks so needs an alias."),
)  # fmt: skip
_WHY_NOT_A_PROXY = "files reference 2.6: the pools hold sessions of their own; a proxy shares them, and locks with them"
_PRIMARY = {"primary", "master"}
_VARIANTS = {"replication", "loadbalance", "sequential", "aurora", "load-balance-read", "load-balance"}
_READING = {
    "applicationintent": {"readonly"},
    "readonly": {"true"},
    "loadbalancehosts": {"true"},
    "target_session_attrs": {"any", "read-only", "standby", "prefer-standby"},
    "readfrommasterwhennoslaves": {"true", "false"},
}
_REGION = re.compile(r"\.([a-z]{2}(?:-[a-z]+)+-\d)\.rds\.amazonaws\.com(\.cn)?$")


def consistency_refusals(text: str, path: tuple[str, ...], region: str) -> Iterator[Refusal]:
    """What of a URL would show nodes different data, or data of another region than the site's `region`."""
    url = parsed(text)
    if url is None:
        return
    yield from _endpoints(url, path)
    yield from _options(url, path)
    regions = {found[1] for host in url.hosts if (found := _REGION.search(host))}
    for other in sorted(regions - {region}):
        why = "seed 004: nodes and database share one fast LAN; a store of several regions is eventually consistent"
        yield Refusal(path, f"a host in {other}, of a site in {region}", why)


def _endpoints(url: Url, path: tuple[str, ...]) -> Iterator[Refusal]:
    for host in url.hosts:
        for pattern, what, do in _ENDPOINTS:
            if re.search(pattern, host):
                why = _WHY_NOT_A_PROXY if what == "an RDS Proxy" else SEED
                yield Refusal(path, f"{host} is {what}", why, do)
                break


def _options(url: Url, path: tuple[str, ...]) -> Iterator[Refusal]:
    target = url.options.get("targetservertype", "")
    if target and target.lower() not in _PRIMARY:
        yield Refusal(path, f"targetServerType={target}", SEED, "Write targetServerType=primary.")
    elif len(url.hosts) > 1 and url.type == "postgresql" and not target:
        why = f"{SEED}; files reference 2.7"
        yield Refusal(path, f"{len(url.hosts)} hosts without targetServerType=primary", why, "Add it.")
    elif len(url.hosts) > 1 and url.type in {"mysql", "mariadb"}:
        found, do = f"{len(url.hosts)} hosts", "Name one endpoint that follows the primary."
        yield Refusal(path, found, f"{SEED}; the driver goes on to the next host, which may be behind", do)
    if set(url.variant.split(":")) & _VARIANTS:
        yield Refusal(
            path, f"jdbc:{url.type}:{url.variant}", f"{SEED}; the driver reads from replicas", "Leave it out."
        )
    for name, values in _READING.items():
        if url.options.get(name, "").lower() in values:
            yield Refusal(path, f"{name}={url.options[name]}", f"{SEED}; reads would go to replicas", "Leave it out.")
