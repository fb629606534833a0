"""Evidence, metadata and the other small services (12.11)."""

import base64
import json
from typing import Any

import pytest

from tests.platform.running import Bare

EVIDENCE = "/evidence/api/v1/subject"
GRAPH = "/onemodel/api/v1/graphql"


def envelope(**statement: Any) -> dict[str, Any]:
    body = {"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://x.example/test-results/v1"}
    payload = base64.b64encode(json.dumps({**body, "predicate": {"ok": True}, **statement}).encode()).decode()
    return {
        "payload": payload,
        "payloadType": "application/vnd.in-toto+json",
        "signatures": [{"keyid": "k", "sig": "cw=="}],
    }


def asked(platform: Bare, query: str, path: str = GRAPH, **variables: Any) -> dict[str, Any]:
    answer = platform("POST", path, json={"query": query, "variables": variables})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_evidence_is_kept_beside_its_subject_and_found_again(platform: Bare) -> None:
    platform.make("ev-local")
    platform.put("ev-local/a/b.txt", b"subject")
    made = platform("POST", f"{EVIDENCE}/ev-local/a/b.txt?providerId=p", json=envelope())
    assert made.status_code == 201, made.text
    assert made.json()["predicate_slug"].startswith("x-example-test-results")
    assert platform.get(made.json()["uri"]).json() == envelope()
    query = """{ evidence { searchEvidence(where: {hasSubjectWith: {repositoryKey: "ev-local", path: "a", name: "b.txt"}})
        { totalCount edges { node { createdBy verified predicate found: subject { fullPath } } } } } }"""
    found = asked(platform, query)["data"]["evidence"]["searchEvidence"]
    (edge,) = found["edges"]
    assert found["totalCount"] == 1
    assert edge["node"] == {
        "createdBy": "admin",
        "verified": False,
        "predicate": {"ok": True},
        "found": {"fullPath": "ev-local/a/b.txt"},
    }


@pytest.mark.parametrize(
    "bad", [{}, {"payload": "x", "signatures": []}, {"payload": "bm8=", "signatures": [{"sig": "x"}]}]
)
def test_what_is_no_envelope_is_refused(platform: Bare, bad: Any) -> None:
    platform.put("ev-local/bad.txt") if platform.api("GET", "repositories/ev-local").ok else platform.make("ev-local")
    platform.put("ev-local/bad.txt")
    assert platform("POST", f"{EVIDENCE}/ev-local/bad.txt", json=bad).status_code == 400
    assert platform("POST", f"{EVIDENCE}/ev-local/none.txt", json=envelope()).status_code == 404
    assert platform("POST", f"{EVIDENCE}/ev-local/bad.txt", json=envelope(), auth=None).status_code == 401


def test_packages_and_versions_are_what_is_stored(platform: Bare) -> None:
    platform.make("meta-local", packageType="npm")
    for version in ("1.0.0", "1.1.0"):
        platform.put(f"meta-local/metalib/-/metalib-{version}.tgz", version.encode())
    query = """query Find($name: String) { packages(filter: {name: $name, packageTypeIn: [NPM]}, first: 1) {
        edges { node { name packageType versionsCount latestVersion versions { name repos { name leadFilePath } } } }
        pageInfo { hasNextPage } } }"""
    found = asked(platform, query, "/metadata/api/v1/query", name="metalib")["data"]["packages"]
    (edge,) = found["edges"]
    assert (edge["node"]["versionsCount"], edge["node"]["latestVersion"]) == (2, "1.1.0")
    assert {one["name"] for one in edge["node"]["versions"]} == {"1.0.0", "1.1.0"}
    assert found["pageInfo"] == {"hasNextPage": False}
    versions = """{ versions(filter: {packageId: "npm://metalib", name: "1.1*"}) { edges { node { name package { name } } } } }"""
    (edge,) = asked(platform, versions, "/metadata/api/v1/query")["data"]["versions"]["edges"]
    assert edge["node"] == {"name": "1.1.0", "package": {"name": "metalib"}}


def test_only_packages_that_the_caller_may_read_are_told(platform: Bare) -> None:
    auth = ("part", "Password1!")
    user = {"username": auth[0], "password": auth[1], "email": "p@acme.example"}
    assert platform("POST", "/access/api/v2/users", json=user).status_code == 201
    platform.make("part-local", packageType="npm")
    for name in ("openlib", "hiddenlib"):
        platform.put(f"part-local/{name}/-/{name}-1.0.0.tgz", name.encode())
    targets = {"part-local": {"include_patterns": ["openlib/**"]}}
    resources = {"artifact": {"actions": {"users": {"part": ["READ"]}}, "targets": targets}}
    granted = platform("POST", "/access/api/v2/permissions", json={"name": "part", "resources": resources})
    assert granted.status_code == 201, granted.text
    query = {"query": """{ packages(filter: {name: "*lib"}) { edges { node { name } } } }"""}
    told = platform("POST", "/metadata/api/v1/query", json=query, auth=auth).json()["data"]["packages"]["edges"]
    assert [edge["node"]["name"] for edge in told] == ["openlib"]
    application = {"application_key": "closed", "application_name": "Closed"}
    assert platform("POST", "/apptrust/api/v1/applications", json=application, auth=auth).status_code == 403
    assert platform("POST", "/apptrust/api/v1/applications", json=application).status_code == 201
    versions = "/apptrust/api/v1/applications/closed/versions/1/promotions"
    assert platform("GET", versions, auth=auth).status_code == 403
    assert platform("DELETE", "/apptrust/api/v1/applications/closed").status_code == 204


@pytest.mark.parametrize("query", ["", "{", "{ nothing }", "mutation { x }", "{ packages( }", "{ a: }", "€", "{" * 200])
def test_a_query_that_cannot_be_answered_says_so(platform: Bare, query: str) -> None:
    assert asked(platform, query)["errors"][0]["message"]


def test_applications_and_the_promotions_of_their_versions(platform: Bare) -> None:
    api = "/apptrust/api/v1/applications"
    body = {"application_key": "web-shop", "application_name": "Web shop"}
    assert platform("GET", f"{api}/web-shop").status_code == 404
    assert platform("POST", api, json=body).status_code == 201
    assert platform("POST", api, json=body).status_code == 409
    assert platform("GET", f"{api}/web-shop").json()["application_name"] == "Web shop"
    assert platform("GET", f"{api}/web-shop/versions/1/promotions").json()["promotions"] == []
    assert platform("DELETE", f"{api}/web-shop").status_code == 204
    assert platform("POST", api, json={"application_key": "UPPER"}).status_code == 400


def test_the_rest_answers(platform: Bare) -> None:
    version = platform("GET", "/evidence/api/v1/system/version")
    assert (version.status_code, version.headers["Content-Type"].split(";")[0]) == (200, "text/plain")
    assert platform("POST", "/jfconnect/api/v1/backoffice/metrics/log", json={"a": 1}).status_code == 201
