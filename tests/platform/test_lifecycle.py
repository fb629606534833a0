"""Release bundles of both kinds: made, promoted, distributed, exported and imported (12.8)."""

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.platform.running import Bare, running, until

API = "/lifecycle/api/v2"
V1 = "/distribution/api/v1"


def bundle(platform: Bare, name: str, version: str = "1.0", status: int = 201, **source: Any) -> dict[str, Any]:
    ((kind, value),) = source.items()
    body = {
        "release_bundle_name": name,
        "release_bundle_version": version,
        "skip_docker_manifest_resolution": False,
        "source_type": kind,
        "source": {kind: value},
    }
    answer = platform("POST", f"{API}/release_bundle?async=false", json=body)
    assert answer.status_code == status, answer.text
    made: dict[str, Any] = answer.json()
    return made


def record(platform: Bare, name: str, version: str = "1.0") -> dict[str, Any]:
    answer = platform("GET", f"{API}/release_bundle/records/{name}/{version}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def paths(platform: Bare, name: str, version: str = "1.0") -> list[str]:
    listed = record(platform, name, version)["artifacts"]
    return sorted(f"{one['source_repository_key']}/{one['path']}" for one in listed)


@pytest.fixture(scope="module")
def stocked(platform: Bare) -> Bare:
    """A platform with files to bundle."""
    for key in ("src-local", "dst-local"):
        platform.make(key)
    platform.put("src-local/a/one.txt;k=v", b"one")
    platform.put("src-local/a/two.txt", b"two")
    platform.put("src-local/b/three.txt", b"three")
    return platform


def test_artifacts_are_bundled_with_their_properties(stocked: Bare) -> None:
    made = bundle(stocked, "plain", artifacts=[{"path": "src-local/a/one.txt"}])
    assert made.keys() == {"repository_key", "release_bundle_name", "release_bundle_version", "created"}
    found = record(stocked, "plain")
    assert found["artifacts"] == [
        {
            "path": "a/one.txt",
            "checksum": hashlib.sha256(b"one").hexdigest(),
            "source_repository_key": "src-local",
            "package_type": "generic",
            "size": 3,
            "properties": [{"key": "k", "values": ["v"]}],
        }
    ]
    status = stocked("GET", f"{API}/release_bundle/statuses/plain/1.0").json()
    assert (status["status"], found["created_by"]) == ("COMPLETED", "admin")
    kept = stocked.get("release-bundles-v2/plain/1.0/artifacts/src-local/a/one.txt")
    assert kept.content == b"one"
    manifest = stocked.get("release-bundles-v2/plain/1.0/release-bundle.json.evd").json()
    assert manifest.keys() == {"payload", "payloadType", "signatures"}


def test_each_kind_of_source(stocked: Bare) -> None:
    query = 'items.find({"repo": "src-local", "path": "a"})'
    bundle(stocked, "by-aql", aql=query)
    assert paths(stocked, "by-aql") == ["src-local/a/one.txt", "src-local/a/two.txt"]
    sha1 = hashlib.sha1(b"three", usedforsecurity=False).hexdigest()
    run = {
        "name": "rb-build",
        "number": "1",
        "started": "2026-01-31T12:00:00.000+0000",
        "modules": [{"id": "m", "artifacts": [{"name": "three.txt", "sha1": sha1}]}],
    }
    assert stocked.api("PUT", "build", json=run).status_code == 204
    bundle(stocked, "by-build", builds=[{"build_name": "rb-build", "build_number": "1"}])
    assert paths(stocked, "by-build") == ["src-local/b/three.txt"]
    both = [{"release_bundle_name": name, "release_bundle_version": "1.0"} for name in ("by-aql", "by-build")]
    bundle(stocked, "by-bundles", release_bundles=both)
    assert len(paths(stocked, "by-bundles")) == 3
    package = {"package_name": "a", "package_version": "b", "package_type": "generic", "repository_key": "src-local"}
    bundle(stocked, "by-none", status=400, packages=[package])


def test_a_bundle_is_signed_by_the_key_pair_that_is_named(stocked: Bare) -> None:
    secret = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = secret.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = secret.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    pair = {"pairName": "rb-key", "pairType": "RSA", "alias": "rb", "passphrase": ""}
    keys = {"privateKey": private.decode(), "publicKey": public.decode()}
    assert stocked.api("POST", "security/keypair/", json={**pair, **keys}).status_code == 201
    body = {
        "release_bundle_name": "signed",
        "release_bundle_version": "1.0",
        "source_type": "artifacts",
        "source": {"artifacts": [{"path": "src-local/a/one.txt"}]},
    }
    url, header = f"{API}/release_bundle?async=false", "X-JFrog-Signing-Key-Name"
    assert stocked("POST", url, json=body, headers={header: "no-such-key"}).status_code == 400
    assert stocked("POST", url, json=body, headers={header: "rb-key"}).status_code == 201
    manifest = stocked.get("release-bundles-v2/signed/1.0/release-bundle.json.evd").json()
    (one,) = manifest["signatures"]
    signature, payload = base64.b64decode(one["sig"]), base64.b64decode(manifest["payload"])
    secret.public_key().verify(signature, payload, padding.PKCS1v15(), hashes.SHA256())
    assert (one["keyid"], json.loads(payload)["release_bundle_name"]) == ("rb-key", "signed")


def test_several_sources_in_one_request(stocked: Bare) -> None:
    sources = [
        {"source_type": "artifacts", "artifacts": [{"path": "src-local/a/one.txt"}]},
        {"source_type": "aql", "aql": 'items.find({"repo": "src-local", "path": "b"})'},
    ]
    body = {"release_bundle_name": "mixed", "release_bundle_version": "1", "sources": sources}
    assert stocked("POST", f"{API}/release_bundle?async=false", json=body).status_code == 201
    assert paths(stocked, "mixed", "1") == ["src-local/a/one.txt", "src-local/b/three.txt"]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("bad name", {"artifacts": [{"path": "src-local/a/one.txt"}]}),
        ("-bad", {"artifacts": [{"path": "src-local/a/one.txt"}]}),
        ("x" * 129, {"artifacts": [{"path": "src-local/a/one.txt"}]}),
        ("gone", {"artifacts": [{"path": "src-local/none"}]}),
        ("empty", {"artifacts": []}),
        ("wrong-sum", {"artifacts": [{"path": "src-local/a/one.txt", "sha256": "00"}]}),
        ("bad-aql", {"aql": "builds.find({})"}),
        ("empty-aql", {"aql": 'items.find({"repo": "nowhere"})'}),
        ("no-build", {"builds": [{"build_name": "none", "build_number": "1"}]}),
        ("pigeon", {"pigeons": [{}]}),
    ],
)
def test_what_cannot_be_bundled_is_refused(stocked: Bare, name: str, source: dict[str, Any]) -> None:
    status = 404 if name == "no-build" else 400
    bundle(stocked, name, status=status, **source)


def test_a_version_is_made_once_but_a_failed_one_again(stocked: Bare) -> None:
    bundle(stocked, "once", artifacts=[{"path": "src-local/a/one.txt"}])
    bundle(stocked, "once", status=409, artifacts=[{"path": "src-local/a/one.txt"}])
    bundle(stocked, "retry", status=400, artifacts=[{"path": "src-local/later.txt"}])
    failed = stocked("GET", f"{API}/release_bundle/statuses/retry/1.0").json()
    assert (failed["status"], len(failed["messages"])) == ("FAILED", 1)
    stocked.put("src-local/later.txt", b"later")
    bundle(stocked, "retry", artifacts=[{"path": "src-local/later.txt"}])


def test_the_work_may_be_done_later(stocked: Bare) -> None:
    body = {
        "release_bundle_name": "later",
        "release_bundle_version": "1.0",
        "source_type": "artifacts",
        "source": {"artifacts": [{"path": "src-local/a/one.txt"}]},
    }
    assert stocked("POST", f"{API}/release_bundle", json=body).status_code == 202
    url = f"{API}/release_bundle/statuses/later/1.0"
    until(lambda: stocked("GET", url).json()["status"] == "COMPLETED", "COMPLETED")
    assert stocked("DELETE", f"{API}/release_bundle/records/later/1.0").status_code == 200
    until(lambda: stocked("GET", url).status_code == 404, "the end")
    assert stocked.get("release-bundles-v2/later/1.0/release-bundle.json.evd").status_code == 404


def test_a_draft_grows_until_it_is_finalized(stocked: Bare) -> None:
    one, two = ({"source_type": "artifacts", "artifacts": [{"path": f"src-local/a/{n}.txt"}]} for n in ("one", "two"))
    names = {"release_bundle_name": "draft", "release_bundle_version": "1.0"}
    made = stocked("POST", f"{API}/release_bundle?async=false", json={**names, "sources": [one], "draft": True})
    assert made.status_code == 201
    assert stocked("GET", f"{API}/release_bundle/statuses/draft/1.0").json()["status"] == "DRAFT"
    assert stocked("PATCH", f"{API}/release_bundle", json={**names, "add_sources": [two]}).status_code == 200
    assert stocked("POST", f"{API}/release_bundle/draft/1.0/finalize?async=false").status_code == 200
    assert len(paths(stocked, "draft")) == 2
    assert stocked("PATCH", f"{API}/release_bundle", json={**names, "add_sources": [two]}).status_code == 400
    assert stocked("POST", f"{API}/release_bundle/draft/1.0/finalize").status_code == 400


def test_lists_count_page_and_filter(stocked: Bare) -> None:
    for version in ("1.0", "1.1", "2.0"):
        bundle(stocked, "listed", version, artifacts=[{"path": "src-local/a/one.txt"}])
    listed = stocked("GET", f"{API}/release_bundle/records/listed?limit=2").json()
    assert (listed["total"], listed["limit"], listed["offset"]) == (3, 2, 0)
    assert [row["release_bundle_version"] for row in listed["release_bundles"]] == ["2.0", "1.1"]
    some = stocked("GET", f"{API}/release_bundle/records/listed?filter_by=release_bundle_version=1.&order_asc=true")
    assert [row["release_bundle_version"] for row in some.json()["release_bundles"]] == ["1.0", "1.1"]
    groups = stocked("GET", f"{API}/release_bundle/groups").json()["release_bundles"]
    (group,) = [row for row in groups if row["release_bundle_name"] == "listed"]
    assert (group["release_bundle_version_latest"], group["release_bundle_versions_count"]) == ("2.0", 3)
    assert stocked("GET", f"{API}/release_bundle/existence/listed/2.0").json() == {"exists": True}
    assert stocked("GET", f"{API}/release_bundle/existence/listed/9").json() == {"exists": False}
    assert stocked("PUT", f"{API}/release_bundle/records/listed/2.0/tag", json={"tag": "t"}).status_code == 200
    assert record(stocked, "listed", "2.0")["tag"] == "t"
    assert stocked("DELETE", f"{API}/release_bundle/records/listed/2.0?async=false").status_code == 204
    assert stocked("GET", f"{API}/release_bundle/records/listed/2.0").status_code == 404


def test_promotion_copies_into_the_repositories_of_an_environment(stocked: Bare) -> None:
    bundle(stocked, "promoted", artifacts=[{"path": "src-local/a/one.txt"}])
    url = f"{API}/promotion/records/promoted/1.0"
    wanted = {"environment": "PROD", "included_repository_keys": ["dst-local"]}
    answer = stocked("POST", f"{url}?async=false", json=wanted)
    assert answer.status_code == 201, answer.text
    moment = answer.json()["created_millis"]
    assert (stocked.get("dst-local/a/one.txt").content, stocked.get("src-local/a/one.txt").content) == (b"one", b"one")
    assert stocked.api("GET", "storage/dst-local/a/one.txt?properties").json()["properties"] == {"k": ["v"]}
    one = stocked("GET", f"{url}/{moment}").json()
    assert (one["environment"], one["created_millis"]) == ("PROD", moment)
    assert one["artifacts"][0]["path"] == "dst-local/a/one.txt"
    assert stocked("GET", f"{API}/promotion/statuses/promoted/1.0/{moment}").json()["status"] == "COMPLETED"
    (listed,) = stocked("GET", url).json()["promotions"]
    assert listed["status"] == "COMPLETED"
    rows = stocked("GET", f"{API}/release_bundle/records/promoted").json()["release_bundles"]
    assert rows[0]["release_status"] == "RELEASED"
    assert stocked("DELETE", f"{url}/{moment}?async=false").status_code == 204
    assert stocked("GET", f"{url}/{moment}").status_code == 404


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"environment": "DEV"},
        {"environment": "PROD", "included_repository_keys": ["none-local"]},
        {"environment": "PROD", "included_repository_keys": "dst-local"},
    ],
)
def test_what_cannot_be_promoted_is_refused(stocked: Bare, wanted: dict[str, Any]) -> None:
    if stocked("GET", f"{API}/release_bundle/existence/stuck/1.0").json() == {"exists": False}:
        bundle(stocked, "stuck", artifacts=[{"path": "src-local/a/one.txt"}])
    assert stocked("POST", f"{API}/promotion/records/stuck/1.0?async=false", json=wanted).status_code == 400
    assert stocked("GET", f"{API}/promotion/records/stuck/1.0").json()["total"] == 0


def test_distributions_of_a_bundle_of_the_same_name_elsewhere_are_not_told(stocked: Bare) -> None:
    made = bundle(stocked, "namesake", artifacts=[{"path": "src-local/a/one.txt"}])
    row = {"kind": "v2", "type": "distribute", "name": "namesake", "version": "1.0", "status": "Completed"}
    row |= {"request": '{"rules": []}', "sites": "[]", "created_by": "admin", "created": 0}
    add = stocked.platform.lifecycle.state.add_distribution
    other = add({**row, "repo": "another-release-bundles-v2"})
    own = add({**row, "repo": made["repository_key"]})
    url = f"{API}/distribution/trackers/namesake/1.0"
    assert [one["distribution_tracker_friendly_id"] for one in stocked("GET", url).json()] == [own]
    assert [stocked("GET", f"{url}/{number}").status_code for number in (own, other)] == [200, 404]


def test_nobody_without_permission_sees_or_makes_bundles(stocked: Bare) -> None:
    user = {"username": "bundler", "password": "Password1!", "email": "b@acme.example"}
    assert stocked("POST", "/access/api/v2/users", json=user).status_code == 201
    auth = ("bundler", "Password1!")
    for method, path in (("GET", "statuses/x/1"), ("GET", "records/x"), ("GET", "existence/x/1")):
        assert stocked(method, f"{API}/release_bundle/{path}", auth=auth).status_code == 403
        assert stocked(method, f"{API}/release_bundle/{path}", auth=None).status_code == 401
    assert stocked("GET", f"{API}/release_bundle/groups", auth=auth).json()["release_bundles"] == []


def test_a_platform_that_knows_no_other_is_its_own_target(stocked: Bare) -> None:
    bundle(stocked, "home", aql='items.find({"repo": "src-local", "path": "a"})')
    mapping = {"input": "src-local/a/one(.*)", "output": "home-local/one.again$1"}
    rules = {
        "auto_create_missing_repositories": True,
        "distribution_rules": [{"site_name": "*"}],
        "modifications": {"mappings": [mapping]},
    }
    url = f"{API}/distribution/trackers/home/1.0"

    def done() -> bool:
        return {row["status"] for row in stocked("GET", url).json()} == {"Completed"}

    for order, there in (("distribute", 200), ("remote_delete", 404)):
        assert stocked("POST", f"{API}/distribution/{order}/home/1.0", json=rules).status_code == 202
        until(done, "Completed")
        assert stocked.get("home-local/one.again.txt").status_code == there
        assert stocked.get("src-local/a/two.txt").content == b"two"  # it is where it came from
    assert "home" not in stocked.api("GET", "release/bundles").json()["bundles"]


@pytest.fixture
def edge(stocked: Bare, tmp_path: Path) -> Iterator[Bare]:
    """Another platform that Mission Control knows as `edge`."""
    with running(tmp_path) as (far,):
        token = far("POST", "/access/api/v1/service_trust/pairing/mission-control").json()["pairing_token"]
        body = {
            "name": "edge",
            "url": far.url,
            "token": token,
            "location": {"city_name": "Paris", "country_code": "FR"},
        }
        made = stocked("POST", "/mc/api/v1/jpds", json=body)
        assert made.status_code == 201, made.text
        yield far
        assert stocked("DELETE", f"/mc/api/v1/jpds/{made.json()['id']}").status_code == 204


def test_a_bundle_really_travels_and_is_taken_away_again(stocked: Bare, edge: Bare) -> None:
    bundle(stocked, "travels", aql='items.find({"repo": "src-local", "path": "a"})')
    rules = {
        "auto_create_missing_repositories": True,
        "distribution_rules": [{"site_name": "ed*", "country_codes": ["FR"]}],
        "modifications": {"mappings": [{"input": "src-local/(.*)", "output": "edge-local/got/$1"}]},
    }
    dry = stocked("POST", f"{API}/distribution/distribute/travels/1.0", json={**rules, "dry_run": True})
    assert (dry.status_code, edge.get("edge-local/got/a/one.txt").status_code) == (200, 404)
    asked = stocked("POST", f"{API}/distribution/distribute/travels/1.0", json=rules)
    assert asked.status_code == 202
    url = f"{API}/distribution/trackers/travels/1.0"

    def tracker(number: int) -> dict[str, Any]:
        found: dict[str, Any] = stocked("GET", f"{url}/{number}").json()
        return found

    until(lambda: tracker(asked.json()["id"])["status"] == "Completed", "Completed")
    (site,) = tracker(asked.json()["id"])["sites"]
    assert (site["total_files"], site["distributed_files"], site["distributed_bytes"]) == (2, 2, 6)
    assert edge.get("edge-local/got/a/one.txt").content == b"one"
    assert edge.api("GET", "storage/edge-local/got/a/one.txt?properties").json()["properties"] == {"k": ["v"]}
    assert "travels" in edge.api("GET", "release/bundles").json()["bundles"]
    (row,) = stocked("GET", url).json()
    assert (row["type"], row["targets"]) == ("distribute", ["edge"])
    gone = stocked("POST", f"{API}/distribution/remote_delete/travels/1.0", json=rules)
    assert gone.status_code == 202
    until(lambda: tracker(gone.json()["id"])["status"] == "Completed", "Completed")
    assert edge.get("edge-local/got/a/one.txt").status_code == 404


def test_a_site_without_the_repository_fails_and_says_why(stocked: Bare, edge: Bare) -> None:
    bundle(stocked, "stays", artifacts=[{"path": "src-local/b/three.txt"}])
    rules = {"distribution_rules": [{"site_name": "edge"}]}
    number = stocked("POST", f"{API}/distribution/distribute/stays/1.0", json=rules).json()["id"]
    url = f"{API}/distribution/trackers/stays/1.0/{number}"
    until(lambda: stocked("GET", url).json()["status"] == "Failed", "Failed")
    assert stocked("GET", url).json()["sites"][0]["file_errors"]
    nobody = {"distribution_rules": [{"site_name": "nobody"}]}
    assert stocked("POST", f"{API}/distribution/distribute/stays/1.0", json=nobody).status_code == 400


def test_an_exported_bundle_is_imported_elsewhere(stocked: Bare, tmp_path: Path) -> None:
    bundle(stocked, "packed", artifacts=[{"path": "src-local/a/one.txt"}, {"path": "src-local/b/three.txt"}])
    url = f"{API}/distribution/export"
    assert stocked("GET", f"{url}/status/packed/1.0").json() == {"status": "NOT_TRIGGERED"}
    assert stocked("POST", f"{url}/packed/1.0", json={}).status_code == 202
    until(lambda: stocked("GET", f"{url}/status/packed/1.0").json()["status"] == "COMPLETED", "COMPLETED")
    place = stocked("GET", f"{url}/status/packed/1.0").json()["relative_download_url"]
    archive = stocked.get(place).content
    with running(tmp_path) as (far,):
        far.make("src-local")
        assert far.api("POST", "release/import/", data=archive).status_code == 202
        again = far.api("POST", "release/import/", data=archive)
        assert (again.status_code, "Bundle already exists" in again.text) == (400, True)
        assert far.get("src-local/a/one.txt").content == b"one"
        assert len(paths(far, "packed")) == 2
        for bad in (b"", b"nonsense", _forged("../../evil"), _forged("a", b"other bytes")):
            assert far.api("POST", "release/import/", data=bad).status_code == 400


def _forged(path: str, data: bytes = b"x") -> bytes:
    sha1 = hashlib.sha1(b"x", usedforsecurity=False).hexdigest()
    file = {"repo": "src-local", "path": path, "sha1": sha1, "package_type": "generic", "properties": "{}"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("release-bundle.json", json.dumps({"name": "evil", "version": "1", "files": [file]}))
        made.writestr(f"binaries/{sha1}", data)
    return out.getvalue()


def test_a_bundle_of_the_first_kind_is_signed_and_distributed(stocked: Bare, edge: Bare) -> None:
    query = {"aql": 'items.find({"repo": "src-local", "path": "a"})', "added_props": [{"key": "x", "values": ["y"]}]}
    mapping = [{"input": "src-local/(.*)", "output": "v1-local/$1"}]
    body = {"name": "first", "version": "1", "spec": {"queries": [{**query, "mappings": mapping}]}}
    assert stocked("POST", f"{V1}/release_bundle", json={**body, "dry_run": True}).status_code == 200
    assert stocked("GET", f"{V1}/release_bundle/first/1").status_code == 404
    assert stocked("POST", f"{V1}/release_bundle", json=body).status_code == 201
    assert stocked("POST", f"{V1}/release_bundle", json=body).status_code == 409
    rules = {"distribution_rules": [{"site_name": "*"}]}
    assert stocked("POST", f"{V1}/distribution/first/1", json=rules).status_code == 400  # it is not signed
    signed = stocked("POST", f"{V1}/release_bundle/first/1/sign", json={}, headers={"X-GPG-PASSPHRASE": "p"})
    assert (signed.status_code, len(signed.headers["X-Checksum-Sha256"])) == (200, 64)
    assert stocked("PUT", f"{V1}/release_bundle/first/1", json=body).status_code == 400
    assert stocked.get("release-bundles/first/1/v1-local/a/one.txt").content == b"one"
    edge.make("v1-local")
    number = stocked("POST", f"{V1}/distribution/first/1", json=rules).json()["id"]
    url = f"{V1}/release_bundle/first/1/distribution"
    until(lambda: stocked("GET", f"{url}/{number}").json()["status"] == "Completed", "Completed")
    assert edge.get("v1-local/a/two.txt").content == b"two"
    assert edge.api("GET", "storage/v1-local/a/two.txt?properties").json()["properties"] == {"x": ["y"]}
    assert [one["distribution_id"] for one in stocked("GET", url).json()] == [number]
    gone = stocked("POST", f"{V1}/distribution/first/1/delete", json={**rules, "on_success": "delete"})
    assert gone.status_code == 202
    until(lambda: stocked("GET", f"{V1}/release_bundle/first/1").status_code == 404, "the end")
    assert edge.get("v1-local/a/two.txt").status_code == 404
    assert stocked("GET", f"{V1}/system/info").json()["version"]


@pytest.mark.parametrize(
    "mapping",
    [
        {"input": "(", "output": "x"},
        {"input": "(a+)+b", "output": "x"},
        {"input": "a/(.*)", "output": "b/$2"},
        {"input": "a" * 501, "output": "x"},
        {"input": 5, "output": "x"},
        "a",
    ],
)
def test_a_mapping_that_could_not_be_applied_is_refused(stocked: Bare, edge: Bare, mapping: Any) -> None:
    name = "mapped"
    if stocked("GET", f"{API}/release_bundle/existence/{name}/1.0").json() == {"exists": False}:
        bundle(stocked, name, artifacts=[{"path": "src-local/a/one.txt"}])
    rules = {"distribution_rules": [{"site_name": "edge"}], "modifications": {"mappings": [mapping]}}
    assert stocked("POST", f"{API}/distribution/distribute/{name}/1.0", json=rules).status_code == 400
