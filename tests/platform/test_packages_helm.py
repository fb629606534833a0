"""Helm: what is a chart, the index and its order, upstreams of every kind, what a repository does not let in."""

import io
from typing import Any

import pytest
import yaml

from artifactory_sandbox.platform.packages.archives import BadArchive
from artifactory_sandbox.platform.packages.helm import charts
from tests.platform.running import ADMIN, Bare
from tests.support.packages import chart, tgz

LOGIN = {"username": ADMIN[0], "password": ADMIN[1]}


@pytest.fixture(scope="module", autouse=True)
def _repositories(pair: tuple[Bare, Bare]) -> None:
    near, far = pair
    near.make("h-local", packageType="helm")
    near.make("h-other", packageType="helm")
    near.make("h", "virtual", packageType="helm", repositories=["h-local", "h-other"])
    far.make("h-remote", "remote", packageType="helm", url=f"{near.url}/artifactory/api/helm/h-local", **LOGIN)
    far.make("h-plain", "remote", packageType="helm", url=f"{near.url}/artifactory/h-local", **LOGIN)
    near.make("site", packageType="generic")


def index(platform: Bare, repo: str) -> dict[str, list[dict[str, Any]]]:
    answer = platform.api("GET", f"helm/{repo}/index.yaml")
    assert answer.status_code == 200, answer.text
    entries: dict[str, list[dict[str, Any]]] = yaml.safe_load(answer.text)["entries"]
    return entries


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (chart("acme", "1.0.0"), "acme"),
        (chart("acme", "v1.0"), "acme"),
        (tgz({"acme/Chart.yaml": "name: acme\nversion: 1.10.0\nappVersion: 1.10\n"}), "acme"),
        (chart("../acme", "1.0.0"), None),
        (chart("acme", "newest"), None),
        (tgz({"acme/values.yaml": "{}"}), None),
        (tgz({"acme/charts/sub/Chart.yaml": "name: sub\nversion: 1.0.0\n"}), None),
        (tgz({"acme/Chart.yaml": "[1]"}), None),
        (tgz({"acme/Chart.yaml": "version: 1.0.0\n"}), None),
        (tgz({"acme/Chart.yaml": "name: [acme]\nversion: 1.0.0\n"}), None),
        (tgz({"acme/Chart.yaml": "a: &a [x]\nname: *a\n"}), None),
    ],
)
def test_what_a_chart_is(data: bytes, said: str | None) -> None:
    found = charts.read(io.BytesIO(data))
    assert (found["name"] if found else None) == said


def test_versions_stay_the_texts_that_they_are() -> None:
    found = charts.read(
        io.BytesIO(tgz({"a/Chart.yaml": "name: a\nversion: 1.10.0\nappVersion: 1.10\ndeprecated: true\n"}))
    )
    assert found == {"name": "a", "version": "1.10.0", "appVersion": "1.10", "deprecated": True}


@pytest.mark.parametrize("data", [b"junk", chart("a", "1.0.0")[:-15], tgz({"a/Chart.yaml": b" " * 9_000_000})])
def test_what_cannot_be_read_says_so(data: bytes) -> None:
    with pytest.raises(BadArchive):
        charts.read(io.BytesIO(data), whole=True)


def test_the_index_lists_versions_from_the_newest_and_forgets_what_is_deleted(pair: tuple[Bare, Bare]) -> None:
    near, _ = pair
    for version in ("1.0.0", "1.10.0", "1.9.0", "2.0.0-rc.1"):
        assert near.put(f"h-local/acme-{version}.tgz", chart("acme", version)).status_code == 201
    assert [one["version"] for one in index(near, "h-local")["acme"]] == ["2.0.0-rc.1", "1.10.0", "1.9.0", "1.0.0"]
    near("DELETE", "/artifactory/h-local/acme-1.10.0.tgz")
    assert [one["version"] for one in index(near, "h-local")["acme"]] == ["2.0.0-rc.1", "1.9.0", "1.0.0"]
    near.put("h-local/junk-1.0.0.tgz", b"junk")
    assert set(index(near, "h-local")) == {"acme"}


def test_the_index_is_not_sent_to_who_has_it(pair: tuple[Bare, Bare]) -> None:
    near, _ = pair
    near.put("h-other/same-1.0.0.tgz", chart("same", "1.0.0"))
    first = near.api("GET", "helm/h-other/index.yaml")
    assert near.api("GET", "helm/h-other/index.yaml").content == first.content
    again = near.api("GET", "helm/h-other/index.yaml", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_the_first_member_with_a_version_wins(pair: tuple[Bare, Bare]) -> None:
    near, _ = pair
    near.put("h-local/both-1.0.0.tgz", chart("both", "1.0.0", description="first"))
    near.put("h-other/deep/both-1.0.0.tgz", chart("both", "1.0.0", description="second"))
    near.put("h-other/both-2.0.0.tgz", chart("both", "2.0.0"))
    found = index(near, "h")["both"]
    assert [(one["version"], one["description"]) for one in found] == [("2.0.0", "made here"), ("1.0.0", "first")]
    path = found[0]["urls"][0].partition("/artifactory/")[2]
    assert near.get(path).content == chart("both", "2.0.0")


@pytest.mark.parametrize("repo", ["h-remote", "h-plain"])
def test_a_remote_renews_its_index(pair: tuple[Bare, Bare], repo: str) -> None:
    near, far = pair
    near.put(f"h-local/deep/{repo}-1.0.0.tgz", chart(repo, "1.0.0"))
    far.platform.clock.advance(7201)
    url = index(far, repo)[repo][0]["urls"][0]
    assert url == f"{far.url}/artifactory/api/helm/{repo}/deep/{repo}-1.0.0.tgz"
    near.put(f"h-local/{repo}-2.0.0.tgz", chart(repo, "2.0.0"))
    assert len(index(far, repo)[repo]) == 1
    far.platform.clock.advance(7201)
    assert len(index(far, repo)[repo]) == 2
    assert far.api("GET", f"helm/{repo}/deep/{repo}-1.0.0.tgz").content == chart(repo, "1.0.0")


def test_charts_that_the_upstream_has_elsewhere_are_fetched_when_that_is_allowed(pair: tuple[Bare, Bare]) -> None:
    near, far = pair
    data = chart("away", "1.0.0")
    near.put("site/files/away-1.0.0.tgz", data)
    elsewhere = f"{near.url}/artifactory/site/files/away-1.0.0.tgz"
    listed = {"apiVersion": "v1", "entries": {"away": [{"name": "away", "version": "1.0.0", "urls": [elsewhere]}]}}
    near.put("site/charts/index.yaml", yaml.safe_dump(listed).encode())
    url = f"{near.url}/artifactory/site/charts"
    far.make("away-no", "remote", packageType="helm", url=url, **LOGIN)
    assert index(far, "away-no")["away"][0]["urls"] == [elsewhere]
    allowed = {"externalDependenciesEnabled": True, "externalDependenciesPatterns": ["**/files/**"]}
    far.make("away-yes", "remote", packageType="helm", url=url, **allowed, **LOGIN)
    rewritten = index(far, "away-yes")["away"][0]["urls"][0]
    assert rewritten.startswith(f"{far.url}/artifactory/api/helm/away-yes/external/http/")
    assert far.get(rewritten.partition("/artifactory/")[2]).content == data


def test_a_chart_that_is_not_what_the_upstreams_index_says_is_not_stored(pair: tuple[Bare, Bare]) -> None:
    near, far = pair
    near.put("site/lying/lie-1.0.0.tgz", chart("lie", "1.0.0"))
    one = {"name": "lie", "version": "1.0.0", "urls": ["lie-1.0.0.tgz"], "digest": "0" * 64}
    near.put("site/lying/index.yaml", yaml.safe_dump({"entries": {"lie": [one]}}).encode())
    far.make("lying", "remote", packageType="helm", url=f"{near.url}/artifactory/site/lying", **LOGIN)
    assert far.api("GET", "helm/lying/lie-1.0.0.tgz").status_code == 409
    assert far.get("lying-cache/lie-1.0.0.tgz").status_code == 404


def test_a_repository_that_forces_names_or_single_charts_lets_nothing_else_in(platform: Bare) -> None:
    platform.make("strict", packageType="helm", forceMetadataNameVersion=True, forceNonDuplicateChart=True)
    data = chart("acme", "1.0.0")
    assert platform.put("strict/other.tgz", data).status_code == 403
    assert platform.put("strict/acme-1.0.0.tgz", b"junk").status_code == 403
    assert platform.put("strict/acme-1.0.0.tgz", data).status_code == 201
    assert platform.put("strict/acme-1.0.0.tgz", data).status_code == 201
    assert platform.put("strict/second/acme-1.0.0.tgz", data).status_code == 403
    assert platform.put("strict/readme.md", b"hello").status_code == 201
