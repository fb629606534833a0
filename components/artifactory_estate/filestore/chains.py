"""The provider chains (files reference 1.2): a template where it fits, with the template's own ids, else written out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from artifactory_estate.filestore import parameters as names
from artifactory_estate.filestore.model import LOCAL_ZONE, REMOTE_ZONE, Filestore, Shard
from artifactory_estate.filestore.parameters import Parameters, named
from artifactory_estate.filestore.traits import copies_of, is_clustered, mode_of

CROSS_NETWORK = "crossNetworkStrategy"


@dataclass(frozen=True)
class Provider:
    """One provider: its place in the chain, and what it is told."""

    id: str
    type: str
    parameters: Parameters = field(default_factory=dict)
    zones: str = ""
    """The property `zones`."""
    tag: str = "provider"
    """In a chain that is written out: `provider`, `sub-provider` or `dynamic-provider`."""
    inner: Sequence["Provider"] = ()


@dataclass(frozen=True)
class Chain:
    """A binarystore.xml. `version` is the number that JFrog shows for the chain; nothing is known to depend on it (1.1)."""

    version: int
    template: str
    """Empty: written out."""
    providers: Sequence[Provider]
    """Of a template all of them, flat; else the outermost one alone."""
    federated_repo: Parameters


@dataclass(frozen=True)
class _Template:
    version: int
    name: str
    ids: Mapping[str, str]
    """Role to `id:type`, or to the id alone where the type is the same."""


_STORE = {"s3-storage-v3": "s3-storage-v3", "google-storage-v2": "google-storage-v2"}
_TEMPLATES = {
    ("file-system", "direct"): _Template(1, "file-system", {"files": "file-system"}),
    ("cache-fs", "direct"): _Template(1, "cache-fs", {"cache": "cache-fs", "files": "file-system"}),
    ("nfs", "direct"): _Template(2, "cache-fs", {"cache": "cache-fs", "files": "file-system"}),
    ("cluster-file-system", "direct"): _Template(
        2,
        "cluster-file-system",
        {"cache": "cache-fs", "cluster": "sharding-cluster", "local": "state-aware", "remote": "remote-fs:remote"},
    ),
    **{
        (kind, "direct"): _Template(2, f"{kind}-direct", {"cache": "cache-fs", "store": store})
        for kind, store in _STORE.items()
    },
    **{
        (kind, "cached"): _Template(
            2, kind, {"cache": "cache-fs", "eventual": "eventual", "retry": "retry", "store": store}
        )
        for kind, store in _STORE.items()
    },
    ("s3-storage-v3", "cluster"): _Template(
        2,
        "cluster-s3-storage-v3",
        {
            "cache": "cache-fs-eventual-s3:cache-fs",
            "cluster": "sharding-cluster-eventual-s3:sharding-cluster",
            "eventual": "eventual-cluster-s3:eventual-cluster",
            "retry": "retry-s3:retry",
            "store": "s3-storage-v3",
            "remote": "remote-s3:remote",
        },
    ),
    ("azure-blob-storage-v2", "direct"): _Template(
        3, "azure-blob-storage-v2-direct", {"cache": "cache-fs", "store": "azure-blob-storage-v2"}
    ),
}


def chain_of(filestore: Filestore, store: Parameters, shards: Mapping[str, Parameters], nodes: int) -> Chain:
    """The chain. `store`: the object store's parameters; `shards`: each bucket's of `s3-sharding`; `nodes`: that the
    cluster may have."""
    roles = _roles(filestore, store, nodes)
    federated = named(filestore.federated_repo, names.FEDERATED_REPO) if filestore.federated_repo else {}
    template = _TEMPLATES.get((filestore.kind, mode_of(filestore)))
    if template:
        providers = [_of(roles, role, text) for role, text in template.ids.items()]
        return Chain(template.version, template.name, providers, federated)
    if filestore.kind == "google-storage-v2":
        # Its template's inner ids are not documented; the chart writes the chain out too.
        leaf = _of(roles, "store", filestore.kind)
        local = _of(
            roles, "eventual", "eventual-cluster", "sub-provider", [_of(roles, "retry", "retry", "provider", [leaf])]
        )
        return Chain(2, "", [_cached(roles, _cluster(roles, [local]))], federated)
    if filestore.kind == "sharding-cluster":
        local_shards = [_mount(name, shard, LOCAL_ZONE) for name, shard in filestore.shards.items()]
        return Chain(2, "", [_cached(roles, _cluster(roles, local_shards))], federated)
    members = [
        Provider(name, "state-aware-s3", {**shards[name], **_shard(shard, shard.zone)}, tag="sub-provider")
        if filestore.kind == "s3-sharding"
        else _mount(name, shard, shard.zone)
        for name, shard in filestore.shards.items()
    ]
    version = 2 if filestore.kind == "s3-sharding" else 4
    return Chain(version, "", [_cached(roles, _of(roles, "cluster", "sharding", inner=members))], federated)


def _of(
    roles: Mapping[str, Provider], role: str, text: str, tag: str = "provider", inner: Sequence[Provider] = ()
) -> Provider:
    """The role's provider with the id and type of `text`."""
    id_, _, type_ = text.partition(":")
    told = roles[role]
    return Provider(id_, type_ or id_, told.parameters, told.zones, tag, inner)


def _cached(roles: Mapping[str, Provider], behind: Provider) -> Provider:
    return _of(roles, "cache", "cache-fs", inner=[behind])


def _cluster(roles: Mapping[str, Provider], local: Sequence[Provider]) -> Provider:
    remote = _of(roles, "remote", "remote", "dynamic-provider")
    return _of(roles, "cluster", "sharding-cluster", inner=[*local, remote])


def _mount(name: str, shard: Shard, zone: str | None) -> Provider:
    parameters = {"fileStoreDir": shard.directory or name, **_shard(shard, zone)}
    return Provider(name, "state-aware", parameters, tag="sub-provider")


def _shard(shard: Shard, zone: str | None) -> Parameters:
    drained = {} if shard.write_enabled else {"writeEnabled": "false"}
    return {**({"zone": zone} if zone else {}), **named(shard, {"check_period": "checkPeriod"}), **drained}


def _roles(filestore: Filestore, store: Parameters, nodes: int) -> Mapping[str, Provider]:
    """What each role of a chain is told; ids come from the chain."""
    clustered = is_clustered(filestore)
    zone = {"zone": LOCAL_ZONE} if clustered else {}
    eventual = names.EVENTUAL_CLUSTER if clustered else names.EVENTUAL
    told: Mapping[str, Parameters] = {
        "cache": _cache(filestore),
        "files": {"fileStoreDir": filestore.directory},
        "local": {"fileStoreDir": filestore.directory, **zone},
        "store": store,
        "eventual": {**zone, **named(filestore.eventual, eventual)},
        "retry": named(filestore.retry, names.RETRY),
        "remote": {"zone": REMOTE_ZONE, **named(filestore.remote, names.REMOTE)},
    }
    return {
        **{role: Provider(role, role, parameters) for role, parameters in told.items()},
        "cluster": _sharding(filestore, nodes),
    }


def _cache(filestore: Filestore) -> Parameters:
    size = {"maxCacheSize": str(filestore.cache)} if filestore.cache else {}
    skip = {} if filestore.caching.uploads else {"skipDuringUpload": "true"}
    return {**size, **named(filestore.caching, names.CACHE), **skip}


def _sharding(filestore: Filestore, nodes: int) -> Provider:
    declared, clustered = filestore.sharding, is_clustered(filestore)
    writing = "percentageFreeSpace" if filestore.kind == "sharding" else "roundRobin"
    lenient = filestore.lenient_limit if filestore.lenient_limit is not None else int(clustered)
    zones = declared.zones or ((LOCAL_ZONE, REMOTE_ZONE) if clustered else ())
    parameters = {
        "readBehavior": declared.read_behaviour or (CROSS_NETWORK if clustered else "roundRobin"),
        "writeBehavior": declared.write_behaviour or (CROSS_NETWORK if clustered else writing),
        "redundancy": str(copies_of(filestore, nodes)),
        "lenientLimit": str(lenient),
        **named(declared, names.SHARDING_SECONDS, 1000),
        **named(declared, names.SHARDING),
    }
    return Provider("sharding", "sharding", parameters, ",".join(zones))
