"""Metrics of the federation service (8): the spelling of seed 003, which the reference page shares up to its suffixes."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from artifactory_sandbox.platform.federation.status import lag
from artifactory_sandbox.platform.metrics.text import Family, Sample, one, several

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_STATES = ("FS_RUNNING", "PENDING_FS", "IMPORT_IN_PROGRESS", "ERROR_GENERIC", "ERROR_OUT_OF_SYNC", "ERROR_INACTIVE")
_SPELLED = {"FULL_SYNC_RUNNING": "FS_RUNNING", "FULL_SYNC_PREPARING": "IMPORT_IN_PROGRESS"}
_QUEUE = "jfrog_federation_service_queue"
_TENANT = {"tenant": "default"}
_SYNC = "jfrtfs_full_sync_e2e_member_execution_seconds"
_COUNTED = (
    ("jfrtfs_events_received_from_artifactory_total", "Events received from Artifactory"),
    ("jfrtfs_events_received_from_remote_rtfs_total", "Events received from remote members"),
    ("jfrtfs_events_removed_in_filter_total", "Events that a later one made needless"),
)
_TABLES = (
    "jfrtfs_repo_management_message_blob_duration_between_partition_creations",
    "jfrtfs_repo_management_events_duration_between_partition_creations",
)


def families(platform: "Platform") -> Iterator[Family]:
    """Lag, events, full syncs, states of members, the rest."""
    rows = platform.federation.state.remote()
    enabled = [row for row in rows if row["enabled"]]
    behind = {row["id"]: lag(platform, row) for row in enabled}
    most = max((found[0] for found in behind.values()), default=0)
    left = sum(sum(found[2].values()) for found in behind.values())
    yield one("jfrtfs_worker_lag", "Lag of the workers, in milliseconds", most, **_TENANT)
    yield one("jfrtfs_worker_lag_seconds", "Lag of the workers when transferring events", most / 1000, **_TENANT)
    yield several(
        "jfrtfs_worker_repo_lag",
        "Lag of a repository's member, in milliseconds",
        [
            Sample(
                behind[row["id"]][0],
                {
                    **_TENANT,
                    "source_and_remote_repo_keys": f"{row['repo']}:{row['url'].rpartition('/')[2]}",
                    "remote_member_jpd_url": row["url"].rpartition("/")[0],
                },
            )
            for row in enabled
            if behind[row["id"]][0]
        ],
    )
    yield one("pq_queue_lag", "Lag of the federation queue, in milliseconds", most, queue_name=_QUEUE)
    yield one("pq_queue_events_left", "Events of the federation queue that wait", left, queue_name=_QUEUE)
    yield from _events(platform)
    yield from _full_syncs(platform)
    yield from _members(platform)
    yield from _rest(platform)


def _events(platform: "Platform") -> Iterator[Family]:
    for name, about in _COUNTED:
        yield one(name, about, platform.metrics.count(name), **_TENANT)
    name = "jfrtfs_events_sent_to_remote_instance_total"
    sent = platform.metrics.by_labels(name) or {(("propagation_type", "events"),): 0.0}
    about = "Events sent to remote members"
    yield several(name, about, [Sample(value, {**_TENANT, **dict(labels)}) for labels, value in sent.items()])


def _full_syncs(platform: "Platform") -> Iterator[Family]:
    metrics = platform.metrics
    count, seconds = metrics.count("full_syncs"), metrics.count("full_sync_seconds")
    listed, list_ms = metrics.count("full_sync_listed"), metrics.count("full_sync_list_ms")
    sent, send_ms = metrics.count("full_sync_sent"), metrics.count("full_sync_send_ms")
    samples = [Sample(count, _TENANT, "_count"), Sample(seconds, _TENANT, "_sum")]
    yield several(_SYNC, "Full syncs and how long they took", samples, "summary")
    rate = listed / list_ms if list_ms else 0
    yield one("jfrtfs_full_sync_sort_rate_artifact_per_ms", "Rate of sorting file lists", rate)
    about = "Rate of bringing artifact events to members"
    yield one("jfrtfs_full_sync_artifact_events_propagation_rate", about, sent / send_ms if send_ms else 0)
    yield one("jfrtfs_full_sync_file_list_artifacts", "Artifacts in file lists of full syncs", listed, **_TENANT)
    yield one("jfrtfs_full_sync_file_list_artifacts_rate_artifact_per_ms", "Rate of compiling file lists", rate)


def _members(platform: "Platform") -> Iterator[Family]:
    rows = platform.federation.state.remote()
    states = Counter(_SPELLED.get(row["state"], row["state"]) for row in rows if row["enabled"])
    samples = [Sample(states.get(state, 0), {**_TENANT, "member_status": state}) for state in ("HEALTHY", *_STATES)]
    yield several("jfrtfs_members_in_status", "Members by status", samples)
    yield several("jfrtfs_members_in_status_target_sh", "Self-hosted members by status", samples)
    disabled = sum(not row["enabled"] for row in rows)
    yield one("jfrtfs_disabled_members", "Members that are disabled locally", disabled, **_TENANT)
    about = "Members that recovered by themselves"
    yield one("jfrtfs_auto_healing_recovered_members", about, platform.metrics.count("healed"))


def _rest(platform: "Platform") -> Iterator[Family]:
    metrics = platform.metrics
    done, failed = metrics.count("binaries_sent"), metrics.count("binaries_failed")
    samples = [Sample(done, {"status": "COMPLETED"}), Sample(failed, {"status": "FAILED"})]
    yield several("jfrtfs_binary_tasks_total_count_by_status", "Binary tasks by status", samples)
    about = "Time that binary tasks took, in milliseconds"
    yield one("jfrtfs_binary_tasks_handler_execution_duration_millis", about, metrics.count("binaries_ms"))
    for name in _TABLES:
        yield one(name, "Time between two partitions of a table", 0)
    failures = metrics.count("db_failures")
    yield one("jfrtfs_db_failed_query_count_total", "Failed queries", failures)
    yield one("jfrtfs_db_failed_query_count_metric", "Failed queries", failures)
    yield one("jfrtfs_db_query_duration_metric", "Time that queries took", metrics.count("db_seconds"))
    leased, available, limit = platform.peers.connections()
    share = 100 / limit if limit else 0
    yield one("jfrtfs_http_client_available", "Outgoing connections that are free, in percent", available * share)
    yield one("jfrtfs_http_client_leased", "Outgoing connections in use, in percent", leased * share)
    yield one("jfrtfs_http_client_pending", "Calls that wait for a connection", 0)
