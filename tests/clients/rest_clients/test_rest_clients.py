"""Each client through its tour: what it sent and what it got back, by digest, and what it was refused."""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.clients.rest_clients.touring import ADMIN, STRANGER, tour, two_platforms
from tests.clients.running import Running
from tests.support.programs import program, run

Platforms = tuple[Running, Running]
CONTENT = os.urandom(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(scope="module")
def platforms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platforms]:
    with two_platforms(tmp_path_factory.mktemp("platforms")) as (near, far):
        near.upload("lib-local", "near/data.bin", CONTENT)
        far.upload("lib-local", "far/data.bin", CONTENT)
        yield near, far


def test_pyartifactory(platforms: Platforms, tmp_path: Path) -> None:
    seen = tour("pyartifactory_tour.py", platforms[0], cwd=tmp_path)
    sent = seen.pop("sent")
    assert {seen.pop(name) for name in ("deployed", "back", "copied", "moved", "read by user")} == {sent}
    assert seen == {
        "class": "local",
        "description": "changed",
        "virtual": ["py-local"],
        "remote": f"{platforms[0].url}/artifactory/py-local",
        "listed": ["py-local", "py-remote", "py-virtual"],
        "far": SHA256,
        "properties": {"one": ["3"], "two": ["x", "y z"]},
        "one property": {"two": ["x", "y z"]},
        "files": ["/a b/data.bin", "/d/moved.bin"],
        "children": ["/a b", "/c", "/d"],
        "downloads": 1,
        "gone": True,
        "groups": ["py-team"],
        "members": ["py-user"],
        "users": True,
        "permission": ["r"],
        "permissions": ["py-read", "py-second"],
        "refused deploy": 403,
        "refused download": 403,
        "refused create": 403,
        "key": True,
        "user gone": True,
        "repository gone": True,
    }


def test_dohq_artifactory(platforms: Platforms, tmp_path: Path) -> None:
    seen = tour("dohq_tour.py", platforms[0], cwd=tmp_path)
    sent = seen.pop("sent")
    same = ("local", "through virtual", "by checksum", "moved", "read by user", "token")
    assert {seen.pop(name) for name in same} == {sent}
    assert seen.pop("stat") == [sent, 150_000, False, "admin"]
    assert seen.pop("aql") == [["one", "again.bin", sent], ["one/two", "data.bin", sent], ["three", "moved.bin", sent]]
    refused = {name: seen.pop(f"refused {name}") for name in ("deploy", "read")}
    assert "let through" not in refused.values(), refused
    assert seen == {
        "repositories": ["dq-local", "dq-remote", "dq-virtual"],
        "virtual": ["dq-local"],
        "checksums": [True, True],
        "far": SHA256,
        "properties": {"stage": ["test"], "tags": ["a", "b"]},
        "updated": {"stage": ["release"], "tags": ["a", "b"], "odd": ["a=b;c,d|e"]},
        "replaced": {"only": ["this"]},
        "copy gone": True,
        "walk": ["/one/again.bin", "/one/two/data.bin", "/three/moved.bin"],
        "children": ["one", "three"],
        "from aql": ["again.bin", "data.bin", "moved.bin"],
        "found by property": ["data.bin", "moved.bin"],
        "downloads": True,
        "folder gone": True,
        "groups": ["dq-team"],
        "permission": ["dq-local"],
        "users": True,
        "project": "A project",
        "still there": True,
        "builds": ["dq-build"],
        "runs": ["1"],
        "build info": "m",
        "repository gone": True,
    }


def test_jfrog_client_js(platforms: Platforms, tmp_path: Path) -> None:
    seen = tour("jfrog_client_tour.js", platforms[0], cwd=tmp_path)
    checksum = seen.pop("checksum")
    assert checksum["sha256"] == SHA256 and checksum["sha1"] == hashlib.sha1(CONTENT).hexdigest()
    assert {seen.pop(f"/lib-{path}/data.bin") for path in ("local/near", "virtual/far", "remote/far")} == {SHA256}
    assert seen.pop("rows") == [{"repo": "lib-local", "path": "near", "name": "data.bin", "sha256": SHA256}]
    version = requests.get(f"{platforms[0].url}/artifactory/api/system/version", auth=ADMIN, timeout=10).json()
    assert seen.pop("version") == version["version"]
    assert seen.pop("login") == 400, "nobody has logged in with the browser"
    assert seen == {"ping": "OK", "addons": True, "usage": seen["usage"], "refused": 403, "wrong": 401}


def test_artifactory_cleanup(platforms: Platforms, tmp_path: Path) -> None:
    """Files older than a day go, what was marked to be kept stays; nothing goes in the dry run."""
    near = platforms[0]
    near.make_local("old-local")
    old = {
        "X-Artifactory-Created": "2020-01-31T12:00:00.000Z",
        "X-Artifactory-Last-Modified": "2020-01-31T12:00:00.000Z",
    }
    for name, headers in {"old.bin": old, "kept.bin;keep=yes": old, "new.bin": {}}.items():
        url = f"{near.url}/artifactory/old-local/a/{name}"
        requests.put(url, CONTENT, headers=headers, auth=ADMIN, timeout=30).raise_for_status()
    rules = [
        {"rule": "Repo", "name": "old-local"},
        {"rule": "DeleteOlderThan", "days": 1},
        {"rule": "ExcludeFilename", "masks": ["kept*"]},
    ]
    policies = [{"name": "old files", "rules": rules}]

    def clean(user: tuple[str, str], *options: str) -> tuple[int, str]:
        server = {"server": f"{near.url}/artifactory", "user": user[0], "password": user[1]}
        config = tmp_path / "cleanup.yaml"
        config.write_text(json.dumps({"artifactory-cleanup": {**server, "policies": policies}}))
        done = run([program("client artifactory-cleanup"), "--config", config, *options], tmp_path)
        return done.returncode, done.stdout + done.stderr

    status, said = clean(STRANGER, "--destroy")
    assert status != 0 or "Found 0 artifacts" in said, said
    status, said = clean(ADMIN)
    assert status == 0 and "Found 1 artifacts AFTER filtering" in said, said
    assert near.digest("old-local", "a/old.bin") == SHA256
    status, said = clean(ADMIN, "--destroy")
    assert status == 0 and "Deleted artifacts count: 1" in said, said
    found = {name: near.digest("old-local", f"a/{name}") for name in ("old.bin", "kept.bin", "new.bin")}
    assert found == {"old.bin": None, "kept.bin": SHA256, "new.bin": SHA256}


def test_promtool_accepts_the_metrics(platforms: Platforms, tmp_path: Path) -> None:
    near = platforms[0]
    answer = requests.get(f"{near.url}/artifactory/api/v1/metrics", auth=ADMIN, timeout=20)
    assert answer.status_code == 200 and "jfrt_runtime_heap_maxmemory_bytes" in answer.text
    done = run([program("promtool"), "check", "metrics"], tmp_path, stdin=answer.text)
    problems = [line for line in (done.stdout + done.stderr).splitlines() if "error" in line.lower()]
    assert problems == [], done.stdout + done.stderr
    assert requests.get(f"{near.url}/artifactory/api/v1/metrics", auth=STRANGER, timeout=20).status_code == 403
    broken = run([program("promtool"), "check", "metrics"], tmp_path, stdin="# TYPE x gauge\nx{ 1\n")
    assert broken.returncode != 0
