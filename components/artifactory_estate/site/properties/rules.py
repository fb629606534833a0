"""What artifactory.system.properties may hold (files reference 3): a wrong line is ignored by the server, silently."""

import re
from collections.abc import Iterator, Mapping

from artifactory_estate.base import DocumentPath, Refusal
from artifactory_estate.estate.model import Estate
from artifactory_estate.estate.words import did_you_mean
from artifactory_estate.site.machines import machine_of
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.properties.table import OF_THE_SERVICE, PREFIX, Release, Value, known
from artifactory_estate.site.sizes import ACCESS_CONNECTIONS, ASYNC_THREADS, TASKS_A_CPU_MAX, instance_type_of

_KEY = re.compile(r"[a-z]+(\.[A-Za-z0-9_-]+)+")
_SECRET_KEY = re.compile(
    r"password|passwd|secret|credential|api[._-]?key|private[._-]?key|access[._-]?token|token$", re.I
)
_NO_SECRET = re.compile(r"-?[0-9]{1,9}|true|false", re.I)
"""Values that say how long, how many or whether, also of a key that speaks of passwords."""
_SECRET_VALUE = re.compile(
    r"(env|file|aws-secretsmanager):\S|-----BEGIN|\b(AKIA|ASIA)[A-Z0-9]{16}\b|\beyJ[\w-]{8,}\.|//[^/\s@]+:[^/\s@]+@"
    r"|(password|token|secret)=\S",
    re.I,
)

_AQL = "artifactory.federated.full.sync.use.aql"
_SORTER = "artifactory.federated.repo.full.sync.enabled.inMemorySorter"
_ONLY_WITH: Mapping[str, tuple[str, bool]] = {
    "artifactory.federated.full.sync.paging.threshold": (_AQL, False),
    "artifactory.federated.full.sync.page.size": (_AQL, False),
    "artifactory.federated.full.sync.pages.per.file": (_AQL, False),
    "artifactory.federated.repo.full.sync.limit.entries.for.split": (_SORTER, True),
}
"""Checklist 7: a property that means something only beside another."""
_AT_MOST: Mapping[str, str] = {
    "artifactory.http.client.max.connections.per.route": "artifactory.http.client.max.total.connections",
    "artifactory.ha.propagation.http.maxConnectionsPerRoute": "artifactory.ha.propagation.http.maxTotalConnections",
    "artifactory.ha.heartbeat.intervalSecs": "artifactory.ha.heartbeat.staleSecs",
    "artifactory.ha.membersIntroduction.intervalSecs": "artifactory.ha.membersIntroduction.staleSecs",
}
"""One host's share of all connections; a node that says less often that it lives than it may be silent."""
_FULL_SYNC_THREADS = "artifactory.federated.mirror.events.bulk.fullSync.threadsPerPool"
_A_CPU: Mapping[str, int] = {ASYNC_THREADS: TASKS_A_CPU_MAX, _FULL_SYNC_THREADS: 1}
_HEALING, _HEALING_SINCE = "artifactory.auto.healing.job.interval.sec", (7, 71, 1)
_RAC = "artifactory.oracle.node.events.sequence.is.no.cache"


def refusals(estate: Estate, name: str, site: ManagedSite) -> Iterator[Refusal]:
    """Names, values, versions, and properties that need, or exclude, something else."""
    path, release = ("sites", name, "system_properties"), _release_of(estate, name)
    for key, value in site.system_properties.named.items():
        if fault := _name_fault(key, (*path, key)):
            yield fault
        else:
            yield from _value(key, value, (*path, key), release)
    for key, value in site.system_properties.extra.items():
        yield from _extra(key, value, (*path, "extra", key))
    yield from _together(site, path)
    yield from _machine(site, path)
    yield from _elsewhere(estate, name, site, path)


def _name_fault(key: str, path: DocumentPath) -> Refusal | None:
    if key in known():
        return None
    if not key.startswith((PREFIX, *OF_THE_SERVICE)):
        why = "files reference 3.1: keys carry the prefix `artifactory.`"
        return Refusal(path, f"the key {key} has no prefix", why, f"Write {PREFIX}{key}.")
    if not _KEY.fullmatch(key):
        return Refusal(path, "the key has a wrong form", "letters, digits, - and _, with dots between words")
    why = "files reference 3: a name that Artifactory does not know is ignored, silently"
    advice = did_you_mean(key, known())
    return Refusal(path, "unknown property", why, f"{advice} Else write it below `extra`.".strip())


def _value(key: str, value: Value, path: DocumentPath, release: Release) -> Iterator[Refusal]:
    each = known()[key]
    if refusal := _text_fault(key, value, path):
        yield refusal
    elif fault := each.fault(value):
        yield Refusal(path, f"{value} is not allowed", f"{each.cited}: {fault}")
    if release and (absent := each.absent_from(release)):
        version = ".".join(map(str, release))
        do = "Remove it: the server would ignore it."
        yield Refusal(path, f"{version} does not have it", f"{each.cited}: {absent}", do)


def _extra(key: str, value: Value, path: DocumentPath) -> Iterator[Refusal]:
    if key in known():
        yield Refusal(path, "a property that the reference names", "it is judged there", "Write it above `extra`.")
    elif not key.startswith((PREFIX, *OF_THE_SERVICE)):
        why = "files reference 3.1: keys carry the prefix `artifactory.`"
        yield Refusal(path, f"the key {key} has no prefix", why, f"Write {PREFIX}{key}.")
    elif not _KEY.fullmatch(key):
        yield Refusal(path, "the key has a wrong form", "letters, digits, - and _, with dots between words")
    elif refusal := _text_fault(key, value, path):
        yield refusal


def _text_fault(key: str, value: Value, path: DocumentPath) -> Refusal | None:
    if isinstance(value, str) and re.search(r"[\r\n\\]", value):
        return Refusal(path, "the value has a line break or a backslash", "a property is one line of text")
    named_so = _SECRET_KEY.search(key) and not _NO_SECRET.fullmatch(str(value))
    if named_so or _SECRET_VALUE.search(str(value)):
        why = "design 3: the file is in the bundle and in state, where no secret may be"
        return Refusal(path, "this looks like a secret", why, "Set it on the nodes by `post_install`.")
    return None


def _together(site: ManagedSite, path: DocumentPath) -> Iterator[Refusal]:
    properties = site.system_properties
    for key in properties.named:
        if (other := _ONLY_WITH.get(key)) and not properties.says(*other):
            found = f"{other[0]}={str(other[1]).lower()}"
            yield Refusal((*path, key), "has no effect", f"files reference 3.2: only with {found}")
    for key, limit in _AT_MOST.items():
        less, most = (properties.number(each, int(known()[each].default)) for each in (key, limit))
        if less > most and {key, limit} & set(properties.named):
            at = key if key in properties.named else limit
            yield Refusal(
                (*path, at), f"{key} is {less}, {limit} {most}", "files reference 3.4: the one within the other"
            )
    declared = site.nodes.threads.access
    if ACCESS_CONNECTIONS in properties.named and declared not in {None, properties.number(ACCESS_CONNECTIONS, 0)}:
        why = f"files reference 2.3: equal to the {declared} threads of nodes.threads.access"
        yield Refusal((*path, ACCESS_CONNECTIONS), "another number", why, "Give one of the two: it sets both.")
    external = site.database.external
    is_oracle = external.url.startswith("jdbc:oracle:") if external else str(site.database.engine) == "oracle"
    if properties.says(_RAC, True) and not is_oracle:
        yield Refusal((*path, _RAC), "true, and the database is not Oracle", "files reference 3.2: on Oracle RAC only")


def _machine(site: ManagedSite, path: DocumentPath) -> Iterator[Refusal]:
    chosen = instance_type_of(site.nodes)
    machine = machine_of(chosen)
    for key, factor in _A_CPU.items():
        wanted = site.system_properties.number(key, 0)
        if machine and wanted > factor * machine.cpus:
            why = f"{known()[key].cited}: at most {factor * machine.cpus} on the {machine.cpus} processors of {chosen}"
            yield Refusal((*path, key), f"{wanted} threads", why)


def _elsewhere(estate: Estate, name: str, site: ManagedSite, path: DocumentPath) -> Iterator[Refusal]:
    if _HEALING not in site.system_properties.named:
        return
    members = {member for each in estate.federations_of(name).values() for member in each.members}
    for member in sorted(members - {name}):
        release = _release_of(estate, member)
        if release and release < _HEALING_SINCE:
            found = f"{member} has {'.'.join(map(str, release))}"
            yield Refusal((*path, _HEALING), found, "files reference 3.2: all members on 7.71.1 or newer")


def _release_of(estate: Estate, site: str) -> Release:
    chosen = estate.artifactory_of(site)
    return chosen.release if chosen else ()
