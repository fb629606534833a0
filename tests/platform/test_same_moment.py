"""Calls at the same moment: nothing that one of them adds is lost, and what there is once is made once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from artifactory_sandbox.platform.mission_control import bucket_file
from artifactory_sandbox.platform.state import Locks
from tests.platform.running import Bare, until
from tests.platform.test_cleanup import PACKAGES, make, policy

BUNDLES = "/lifecycle/api/v2/release_bundle"
MANY = 8


def together(call: Callable[[int], requests.Response]) -> list[int]:
    """The statuses of as many calls as there are, all under way at once."""
    with ThreadPoolExecutor(MANY) as pool:
        return sorted(answer.status_code for answer in pool.map(call, range(MANY)))


def test_no_module_of_a_build_is_lost(platform: Bare) -> None:
    started = "2026-01-02T03:04:05.000+0000"
    assert platform.api("PUT", "build", json={"name": "matrix", "number": "1", "started": started}).status_code == 204
    said = together(lambda n: platform.api("POST", "build/append/matrix/1", json=[{"id": f"module-{n}"}]))
    assert said == [204] * MANY
    modules = platform.api("GET", "build/matrix/1").json()["buildInfo"]["modules"]
    assert {one["id"] for one in modules} == {f"module-{n}" for n in range(MANY)}


def test_no_status_of_a_build_is_lost(platform: Bare) -> None:
    started = "2026-01-02T03:04:05.000+0000"
    assert platform.api("PUT", "build", json={"name": "told", "number": "1", "started": started}).status_code == 204
    assert together(lambda n: platform.api("POST", "build/promote/told/1", json={"status": f"s{n}"})) == [200] * MANY
    statuses = platform.api("GET", "build/told/1").json()["buildInfo"]["statuses"]
    assert {one["status"] for one in statuses} == {f"s{n}" for n in range(MANY)}


@pytest.fixture
def draft(platform: Bare) -> dict[str, Any]:
    """A draft of a release bundle of one file."""
    if platform.api("GET", "repositories/drafts-local").status_code != 200:
        platform.make("drafts-local")
    for n in range(MANY + 1):
        platform.put(f"drafts-local/{n}.txt", b"%d" % n)
    names = {"release_bundle_name": "draft", "release_bundle_version": "1.0"}
    platform("DELETE", f"{BUNDLES}/records/draft/1.0?async=false")
    sent = {**names, "sources": [_source(MANY)], "draft": True}
    assert platform("POST", f"{BUNDLES}?async=false", json=sent).status_code == 201
    return names


def _source(n: int) -> dict[str, Any]:
    return {"source_type": "artifacts", "artifacts": [{"path": f"drafts-local/{n}.txt"}]}


def test_no_source_of_a_draft_is_lost(platform: Bare, draft: dict[str, Any]) -> None:
    said = together(lambda n: platform("PATCH", BUNDLES, json={**draft, "add_sources": [_source(n)]}))
    assert said == [200] * MANY
    assert platform("POST", f"{BUNDLES}/draft/1.0/finalize?async=false").status_code == 200
    record = platform("GET", f"{BUNDLES}/records/draft/1.0").json()
    assert len(record["artifacts"]) == MANY + 1


def test_a_draft_is_finalized_once(platform: Bare, draft: dict[str, Any]) -> None:
    said = together(lambda _: platform("POST", f"{BUNDLES}/draft/1.0/finalize?async=false"))
    assert said == [200] + [400] * (MANY - 1)


def test_a_bundle_of_the_first_kind_is_made_once(platform: Bare, draft: dict[str, Any]) -> None:
    spec = {"queries": [{"aql": 'items.find({"repo": "drafts-local"})'}]}
    body = {"name": "one", "version": "1", "spec": spec}
    said = together(lambda _: platform("POST", "/distribution/api/v1/release_bundle", json=body))
    assert said == [201] + [409] * (MANY - 1)


def test_a_bucket_of_a_name_is_added_once(platform: Bare) -> None:
    data = bucket_file.sealed(bucket_file.make(1), "the key")

    def add(_: int) -> requests.Response:
        sent = {"name": "same", "key": "the key"}
        return platform("POST", "/mc/api/v1/buckets", data=sent, files={"file": ("b.bucket", data)})

    assert together(add) == [201] + [409] * (MANY - 1)


def test_a_platform_is_registered_once(pair: tuple[Bare, Bare]) -> None:
    first, second = pair
    said = together(lambda n: first("POST", "/mc/api/v1/jpds", json={"name": f"eu-{n}", "url": second.url}))
    assert said == [201] + [409] * (MANY - 1)
    assert len(first("GET", "/mc/api/v1/jpds").json()) == 2


def test_a_policy_that_runs_is_not_run_again(platform: Bare) -> None:
    make(platform, policy("once-policy"))
    state = platform.platform.cleanup.state
    elsewhere = Locks(platform.platform.database, "elsewhere")
    until(lambda: elsewhere.take("cleanup", 60), "the lease")  # so that what is asked for is not done meanwhile
    try:
        with platform.platform.database.transaction():
            other = ThreadPoolExecutor(1).submit(platform.api, "PUT", f"{PACKAGES}/once-policy/run")
            with pytest.raises(TimeoutError):
                other.result(0.5)
            state.ask("once-policy", True, 0)
        assert other.result(10).status_code == 400
        assert len(state.unfinished("once-policy")) == 1
    finally:
        elsewhere.release("cleanup")
