"""Storage over HTTP: summary, garbage collection, pruning, optimisation, backups, checksum replication (1.4, 1.7)."""

from artifactory_sandbox.platform.system import prune, scopes, storage_summary
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer, text

API = "/artifactory/api"


def info(call: Call) -> Answer:
    """Storage Summary: kept until it is calculated anew."""
    scopes.demand(call, "system:info/storage:r")
    return json_answer(storage_summary.summary(call.platform))


def calculate(call: Call) -> Answer:
    """Refresh Storage Summary."""
    with call.platform.system.tasks.running("storage-summary", "refresh of the storage summary"):
        storage_summary.calculate(call.platform)
    return text("Storage summary refresh was scheduled to run successfully", 202)


def collect(call: Call) -> Answer:
    """Run Garbage Collection."""
    done = call.platform.system.garbage.collect()
    lines = (
        f"Garbage collection {done['type']} finished",
        f"Number of binaries removed:      {done['removed']:,}",
        f"Number of checksums kept:        {done['binaries']:,}",
        f"Total size freed:                {storage_summary.shown_size(done['cleaned'])}",
        f"Current total size:              {storage_summary.shown_size(done['size'])}",
    )
    return text("".join(f"{line}\n" for line in lines))


def prune_start(call: Call) -> Answer:
    """Start Prune Unreferenced Data."""
    call.platform.system.prune.start(prune.options(call.json_object()))
    return json_answer({"info": "Prune unreferenced data has started"}, 202)


def prune_stop(call: Call) -> Answer:
    """Stop Prune Unreferenced Data."""
    call.platform.system.prune.stop()
    return json_answer({"info": "Prune unreferenced data was asked to stop"}, 202)


def prune_status(call: Call) -> Answer:
    """Get Status of Prune Unreferenced Data."""
    return json_answer(call.platform.system.prune.status())


def prune_now(call: Call) -> Answer:
    """The older call: to its end, at once."""
    report = call.platform.system.prune.now()["report"]
    said = f"{report['totalBinariesCleaned']:,} unreferenced binaries of {report['totalBinariesProcessed']:,} removed"
    return text(f"Pruning finished: {said}, {storage_summary.shown_size(report['totalBytesCleaned'])} freed\n")


def compress(call: Call) -> Answer:
    """Compress: only an embedded Derby database can be."""
    del call
    raise Refused(400, "Compressing the internal database is only possible for Derby")


def optimize(call: Call) -> Answer:
    """Optimize System Storage: at once from 7.104.5 on, with the next garbage collection before."""
    platform = call.platform
    if not platform.version.at_least("7.104.5"):
        platform.binaries.wants_balance()
        return text("Storage optimization will run with the next garbage collection")
    platform.system.optimize()
    return text("Storage optimization has started", 202)


def size(call: Call) -> Answer:
    """Bytes of all binaries, as text."""
    return text(str(call.platform.artifacts.state.binary_totals()[1]))


def storage_info(call: Call) -> Answer:
    """The filestore as text."""
    count, used = call.platform.artifacts.state.binary_totals()
    shown = {**storage_summary.filestore(call.platform, used), "binariesCount": f"{count:,}"}
    lines = [f"{name}: {value}" for name, value in shown.items()]
    for place in storage_summary.places(call.platform):
        lines.append(" ".join(f"{name}={value}" for name, value in place.items()))
    return text("".join(f"{line}\n" for line in lines))


def backup(call: Call) -> Answer:
    """Runs a backup now; the log of it as text."""
    key = call.first("key")
    if not key:
        raise Refused(400, "The query parameter 'key' is required")
    return text(call.platform.system.backups.run(key).text)


def trust_checksums(call: Call) -> Answer:
    """Checksum Replication, on the target: whether and for how long its filestore is trusted."""
    sent = call.json_object()
    allowed, days = sent.get("checkBinaryExistenceAllowed"), sent.get("daysToTrust", 0)
    if not isinstance(allowed, bool):
        raise Refused(400, "checkBinaryExistenceAllowed is required and must be a boolean")
    if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= 30:
        raise Refused(400, "daysToTrust must be a number between 0 and 30")
    return json_answer(call.platform.system.trust_checksums(allowed, days))


def checksums_trusted(call: Call) -> Answer:
    """The setting of the target."""
    return json_answer(call.platform.system.checksums_trusted())


_STORAGE = f"{API}/system/storage"
_CHECKSUM = f"{API}/config/storage/checksumReplication"

ROUTES = (
    Route("GET", f"{API}/storageinfo", "1.7", info, Needs.USER),
    Route("POST", f"{API}/storageinfo/calculate", "1.7", calculate),
    Route("POST", f"{_STORAGE}/gc", "1.7", collect),
    Route("POST", f"{_STORAGE}/prune/start", "1.7", prune_start),
    Route("POST", f"{_STORAGE}/prune/stop", "1.7", prune_stop),
    Route("GET", f"{_STORAGE}/prune/status", "1.7", prune_status),
    Route("POST", f"{_STORAGE}/prune", "1.7", prune_now),
    Route("POST", f"{_STORAGE}/compress", "1.7", compress),
    Route("POST", f"{_STORAGE}/optimize", "1.7", optimize),
    Route("GET", f"{_STORAGE}/size", "1.7", size),
    Route("GET", f"{_STORAGE}/info", "1.7", storage_info),
    Route("POST", f"{_STORAGE}/backup", "1.4", backup),
    Route("PUT", _CHECKSUM, "1.7", trust_checksums),
    Route("GET", _CHECKSUM, "1.7", checksums_trusted),
)
