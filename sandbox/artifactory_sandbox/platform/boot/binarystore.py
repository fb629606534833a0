"""binarystore.xml: the chain it names, built (configuration files reference 1)."""

from collections.abc import Callable, Sequence
from pathlib import Path

from artifactory_sandbox.platform.binaries.balancing import Balancing
from artifactory_sandbox.platform.binaries.blob import Blob
from artifactory_sandbox.platform.binaries.cache_fs import DEFAULT_SIZE, CacheFs
from artifactory_sandbox.platform.binaries.chain import Binaries, Built, Part, Store
from artifactory_sandbox.platform.binaries.eventual import CLUSTER, Eventual, Folders, Queue, Sending
from artifactory_sandbox.platform.binaries.file_system import FileSystem
from artifactory_sandbox.platform.binaries.order import READ, WRITE, Members, Order
from artifactory_sandbox.platform.binaries.remote import Remote, Settings
from artifactory_sandbox.platform.binaries.retry import Retry
from artifactory_sandbox.platform.binaries.s3 import S3
from artifactory_sandbox.platform.binaries.shard import EMPTY_ZONE, Shard
from artifactory_sandbox.platform.binaries.sharding import Copies, Sharding
from artifactory_sandbox.platform.boot import object_stores
from artifactory_sandbox.platform.boot.chain_file import Provider, read
from artifactory_sandbox.platform.boot.files import Files

_SHARDED = ("Enterprise", "Trial")
_SHARDED_S3 = ("Enterprise X", "Enterprise Plus", "Enterprise+", "Trial")
_OBJECT_STORES = ("s3-storage-v3", "google-storage", "google-storage-v2", "azure-blob-storage", "azure-blob-storage-v2")


def build(files: Files, zones: str = "") -> Binaries:
    """The stores of this node, probed where the file asks for it. `zones`: `shared.node.crossZoneOrder`."""
    path = files.etc / "artifactory/binarystore.xml"
    if not path.exists():
        directory = files.var / "data/artifactory/filestore"
        plain = FileSystem(directory)
        return Binaries("file-system", str(directory), plain, built=Built((plain,), root=files.root))
    chain = read(files, path)
    building = _Building(files, [zone.strip() for zone in zones.split(",") if zone.strip()])
    store = building.store(chain.outermost)
    federated = {name: int(value) for name, value in chain.federated.parameters.items()} if chain.federated else {}
    return Binaries(
        chain.template or building.kind,
        building.directory,
        store,
        building.signed,
        Built(
            building.parts,
            building.sharding,
            building.local,
            building.endless,
            federated,
            files.root,
            building.licences,
        ),
    )


class _Building:
    """Goes through the chain from the outside in; what it finds on the way stays in its attributes."""

    def __init__(self, files: Files, zones: Sequence[str]) -> None:
        self._files = files
        self._zones = zones
        self.parts: list[Part] = []
        self.kind = self.directory = ""
        self.signed: Callable[[str, str, int], str | None] | None = None
        self.sharding: Sharding | None = None
        self.local: Store | None = None
        self.endless = False
        self.licences: Sequence[str] = ()
        self._makers: dict[str, Callable[[Provider], Store]] = {
            "file-system": self._file_system,
            "blob": self._blob,
            "cache-fs": self._cache,
            "eventual": self._eventual,
            "retry": self._retry,
            "sharding": self._sharding,
            "sharding-cluster": self._cluster,
            "s3-storage-v3-archive": lambda provider: self.store(provider.behind()),
            **dict.fromkeys(_OBJECT_STORES, self._objects),
        }

    def store(self, provider: Provider) -> Store:
        """A provider's store, with all behind it."""
        make = self._makers.get(provider.type)
        if make is None:
            raise provider.wrong(f"a {provider.type} cannot stand here")
        try:
            return make(provider)
        except OSError as error:
            raise provider.wrong(f"{error.strerror}: {error.filename}") from error

    def _file_system(self, provider: Provider) -> Store:
        made = FileSystem(_directory(self._files, provider, "fileStoreDir", "filestore"))
        self._ends(provider, str(made.directory))
        self.parts.append(made)
        return made

    def _blob(self, provider: Provider) -> Store:
        made = Blob()
        self._ends(provider, "the database")
        self.parts.append(made)
        return made

    def _objects(self, provider: Provider) -> Store:
        made = object_stores.make(self._files, provider)
        self._ends(provider, provider.text("bucketName") or provider.text("containerName"))
        self.endless = True
        self.parts.append(made)
        if isinstance(made, S3) and provider.flag("enableSignedUrlRedirect", False):
            self.signed = made.signed
        return made

    def _cache(self, provider: Provider) -> Store:
        return CacheFs(
            _directory(self._files, provider, "cacheProviderDir", "cache"),
            self.store(provider.behind()),
            provider.number("maxCacheSize", DEFAULT_SIZE),
            provider.number("maxFileSizeLimit", 0) or None,
            provider.flag("skipDuringUpload", False),
        )

    def _retry(self, provider: Provider) -> Store:
        behind = self.store(provider.behind())
        made = Retry(behind, provider.number("maxTrys", 5), provider.number("interval", 5000) / 1000)
        self.parts.append(made)
        return made

    def _eventual(self, provider: Provider) -> Store:
        folders = Folders(_base(self._files, provider) / "eventual")
        return self._sending(provider, folders, provider.number("numberOfThreads", 5), 5000)

    def _sending(self, provider: Provider, folders: Folders, workers: int, interval_ms: int) -> Eventual:
        behind = self.store(provider.behind())
        interval = provider.number("dispatcherInterval", interval_ms) / 1000
        made = Eventual(behind, folders, max(1, workers), interval)
        self.parts.append(made)
        if (sign := self.signed) is not None:
            self.signed = lambda sha1, name, seconds: None if made.waits(sha1) else sign(sha1, name, seconds)
        return made

    def _sharding(self, provider: Provider) -> Store:
        shards = [self._shard(inner) for inner in provider.inner if inner.tag == "sub-provider"]
        if len(shards) != len(provider.inner) or not shards:
            raise provider.wrong("sharding has sub-providers, and nothing else")
        copies = _copies(provider)
        if copies.redundancy > len(shards):
            raise provider.wrong(f"redundancy: {copies.redundancy} is more than the {len(shards)} mounts")
        self._ends(provider, ", ".join(place.directory for shard in shards for place in shard.places()))
        self.endless = all(shard.room() is None for shard in shards if shard.usable())
        return self._sharded(provider, lambda: shards, copies, shards)

    def _cluster(self, provider: Provider) -> Store:
        own = [inner for inner in provider.inner if inner.tag == "sub-provider"]
        others = [inner for inner in provider.inner if inner.tag == "dynamic-provider"]
        if not own or len(others) != 1 or len(own) + 1 != len(provider.inner) or others[0].type != "remote":
            raise provider.wrong("sharding-cluster has sub-providers and one dynamic-provider of the type remote")
        remote = Remote(others[0].id, _remote_settings(others[0]))
        self.parts.append(remote)
        copies = _copies(provider)
        if own[0].type == "eventual-cluster":
            return self._cluster_of_queues(provider, own, remote, copies)
        shards = [self._shard(inner) for inner in own]
        self._ends(provider, ", ".join(place.directory for shard in shards for place in shard.places()))
        store = self._sharded(provider, lambda: [*shards, *remote.members()], copies, shards)
        self.local = Sharding(
            lambda: shards, self._order(provider), Copies(), Balancing(lambda: shards, self._order(provider), 1)
        )
        return store

    def _cluster_of_queues(self, provider: Provider, own: Sequence[Provider], remote: Remote, copies: Copies) -> Store:
        if len(own) > 1:
            raise provider.wrong("a sharding-cluster has one eventual-cluster")
        folders = Folders(_base(self._files, own[0]) / "eventual", **CLUSTER)
        eventual = self._sending(own[0], folders, own[0].number("maxWorkers", 5), 1000)
        sending = Sending(own[0].id, own[0].text("zone", "local"), eventual)
        self.local = Queue(eventual)
        return self._sharded(provider, lambda: [sending, *remote.members()], copies, (), sending.settled)

    def _shard(self, provider: Provider) -> Shard:
        if provider.type == "state-aware":
            directory = _directory(
                self._files, provider, "fileStoreDir", provider.id if provider.id != "state-aware" else "filestore"
            )
            store: FileSystem | S3 = FileSystem(directory, own_copies=True)
        elif provider.type == "state-aware-s3":
            store = object_stores.s3(provider)
            self.licences = _SHARDED_S3
        else:
            raise provider.wrong(f"a {provider.type} is no member of a sharded filestore")
        zone, writable = provider.text("zone", EMPTY_ZONE), provider.flag("writeEnabled", True)
        made = Shard(provider.id, store, zone, writable, provider.number("checkPeriod", 15000) / 1000)
        self.parts.append(made)
        return made

    def _sharded(
        self,
        provider: Provider,
        members: Members,
        copies: Copies,
        shards: Sequence[Shard],
        settled: Callable[[str], bool] | None = None,
    ) -> Store:
        order = self._order(provider)
        self.licences = self.licences or _SHARDED
        balancing = Balancing(
            members,
            order,
            copies.redundancy,
            provider.number("maxBalancingRunTime", 36_000_000) / 1000,
            even=provider.type == "sharding",
            enabled=settled is None,
        )
        self.parts.append(balancing)
        for shard in shards:
            shard.on_change = balancing.raise_flag
        self.sharding = Sharding(members, order, copies, balancing, settled)
        return self.sharding

    def _order(self, provider: Provider) -> Order:
        """The declared behaviours (1.11)."""
        reading, writing = provider.text("readBehavior", READ[0]), provider.text("writeBehavior", WRITE[0])
        for name, value, known in (("readBehavior", reading, READ), ("writeBehavior", writing, WRITE)):
            if value not in known:
                raise provider.wrong(f"{name}: '{value}' is none of {', '.join(known)}")
        named = [zone.strip() for zone in provider.properties.get("zones", "").split(",") if zone.strip()]
        return Order(
            reading, writing, self._zones or named, provider.number("freeSpaceSampleInterval", 36_000_000) / 1000
        )

    def _ends(self, provider: Provider, directory: str) -> None:
        self.kind, self.directory = provider.type, directory


def _copies(provider: Provider) -> Copies:
    """Redundancy and lenient limit (1.12)."""
    copies = Copies(provider.number("redundancy", 1), provider.number("lenientLimit", 0))
    if copies.redundancy < 1:
        raise provider.wrong("redundancy: 0 copies keep nothing")
    if copies.lenient > copies.redundancy:
        raise provider.wrong(f"lenientLimit: {copies.lenient} is more than the redundancy of {copies.redundancy}")
    return copies


def _remote_settings(provider: Provider) -> Settings:
    return Settings(
        provider.text("zone", "remote"),
        provider.number("connectionTimeout", 5000) / 1000,
        provider.number("socketTimeout", 15000) / 1000,
        provider.number("connectionRetry", 2),
        provider.number("checkPeriod", 15000) / 1000,
    )


def _base(files: Files, provider: Provider) -> Path:
    return files.inside(provider.text("baseDataDir", "data/artifactory"), files.var)


def _directory(files: Files, provider: Provider, name: str, default: str) -> Path:
    return files.inside(provider.text(name, default), _base(files, provider))
