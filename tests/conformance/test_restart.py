"""What was written is there after a restart of the nodes, and a killed node forgets nothing that it acknowledged."""

import json
import re
from pathlib import Path
from typing import Any

from tests.conformance.case import Call
from tests.conformance.clusters import cluster_over
from tests.conformance.runner import Cluster

API = "/artifactory/api"
ACCESS = "/access/api"
HOOK = {"anyLocal": True, "anyRemote": False, "anyFederated": False, "repoKeys": []}
WRITES = (
    Call("PUT", f"{API}/repositories/kept-local", {"rclass": "local", "description": "kept"}),
    Call("PUT", f"{API}/repositories/kept-virtual", {"rclass": "virtual", "repositories": ["kept-local"]}),
    Call("PUT", "/artifactory/kept-local/a/b.txt;color=red", "content"),
    Call("PUT", f"{API}/storage/kept-local/a?properties=folder=yes&recursive=0"),
    Call("POST", f"{ACCESS}/v2/groups", {"name": "kept-group"}),
    Call(
        "POST",
        f"{ACCESS}/v2/users",
        {"username": "kept", "password": "Password1!", "email": "k@acme.example", "groups": ["kept-group"]},
    ),
    Call(
        "POST",
        f"{ACCESS}/v2/permissions",
        {
            "name": "kept-permission",
            "resources": {
                "artifact": {
                    "actions": {"groups": {"kept-group": ["READ"]}},
                    "targets": {"kept-local": {"include_patterns": ["a/**"]}},
                }
            },
        },
    ),
    Call("POST", f"{ACCESS}/v1/environments", {"name": "STAGE"}),
    Call("POST", f"{ACCESS}/v1/projects", {"project_key": "kept", "display_name": "Kept", "admin_privileges": {}}),
    Call(
        "PUT",
        f"{API}/replications/kept-local",
        {"url": "http://peer.example/artifactory/x", "username": "u", "cronExp": "0 0 12 * * ?"},
    ),
    Call(
        "PATCH",
        f"{API}/system/configuration",
        "backups:\n  kept:\n    key: kept\n    enabled: false\n    cronExp: 0 0 2 ? * *\n",
        headers={"Content-Type": "application/yaml"},
    ),
    Call(
        "PUT",
        f"{API}/build",
        {"version": "1.0.1", "name": "kept-build", "number": "1", "started": "2026-01-31T12:00:00.000+0000"},
    ),
    Call(
        "POST",
        "/event/api/v1/subscriptions",
        {
            "key": "kept-hook",
            "event_filter": {"domain": "artifact", "event_types": ["deployed"], "criteria": HOOK},
            "handlers": [{"handler_type": "webhook", "url": "http://receiver.example/"}],
        },
    ),
)
READS = (
    f"{API}/repositories",
    f"{API}/repositories/configurations",
    f"{API}/storage/kept-local?list&deep=1&listFolders=1",
    f"{API}/storage/kept-local/a/b.txt",
    f"{API}/storage/kept-local/a/b.txt?properties",
    f"{API}/storage/kept-local/a?properties",
    f"{ACCESS}/v2/users/kept",
    f"{ACCESS}/v2/groups",
    f"{ACCESS}/v2/permissions/kept-permission",
    f"{ACCESS}/v1/environments",
    f"{ACCESS}/v1/projects",
    f"{API}/replications",
    f"{API}/build/kept-build/1",
    "/event/api/v1/subscriptions/kept-hook",
    f"{API}/system/configuration",
    f"{API}/system/service_id",
    f"{API}/system/licenses",
)
PASSING = ("created", "nodeUrl", "lastLoggedIn", "last_logged_in")


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    with cluster_over(tmp_path) as cluster:
        for call in WRITES:
            answer = cluster.send(call, {})
            assert answer.ok, f"{call.method} {call.path}: {answer.status_code} {answer.text[:500]}"
        token = cluster.send(Call("POST", f"{ACCESS}/v1/tokens", {"username": "kept"}), {}).json()["access_token"]
        before = [_read(cluster, path) for path in READS]
        cluster.kill()
    with cluster_over(tmp_path) as cluster:
        after = [_read(cluster, path) for path in READS]
        for path, one, other in zip(READS, before, after, strict=True):
            assert one == other, path
        answer = cluster.send(Call("GET", "/artifactory/kept-local/a/b.txt", caller=f"bearer:{token}"), {})
        assert answer.text == "content"


def _read(cluster: Cluster, path: str) -> Any:
    """Both nodes' answer, which must be one, without addresses and what may change by itself."""
    answers = [cluster.send(Call("GET", path), {}) for _ in cluster.nodes]
    assert [answer.status_code for answer in answers] == [200] * len(answers), (path, answers[0].text)
    first, *others = [_plain(answer.text, cluster) for answer in answers]
    assert all(other == first for other in others), path
    return first


def _plain(text: str, cluster: Cluster) -> Any:
    for url in cluster.nodes:
        text = text.replace(url, "URL")
    try:
        return _without_passing(json.loads(text))
    except ValueError:
        return re.sub(r"<revision>\d+</revision>", "", text)  # a new port is a new base URL, which is a new revision


def _without_passing(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _without_passing(value) for name, value in data.items() if name not in PASSING}
    return [_without_passing(one) for one in data] if isinstance(data, list) else data
