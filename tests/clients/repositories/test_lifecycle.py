"""The repositories of a site against the simulated platform, over the wire."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
import requests

from artifactory_estate.base import EstateError, Owner, Refused
from artifactory_estate.repositories.lifecycle import (
    RepositoriesDeclaration,
    RepositoriesLifecycle,
    RepositoriesObservation,
)
from artifactory_estate.rest import Unreachable, repositories
from tests.clients.repositories.conftest import OWNER, Declare, declare_at, empty
from tests.clients.running import Running

EMPTY = RepositoriesObservation()
SMALL: dict[str, Any] = {
    "local": {
        "libs-local": {"package_type": "maven", "description": "größe ☃", "notes": "ask Ann", "extra": {"maxUniqueSnapshots": 5}},
        "pypi-local": {"package_type": "pypi", "xray_index": True},
        "images-local": {"package_type": "docker", "allow_delete": True, "extra": {"maxUniqueTags": 7}},
    },
    "remote": {
        "mirror": {"package_type": "generic", "url": "http://mirror.example/a", "store_artifacts": False, "excludes": "tmp/**"},
        "npm-remote": {"package_type": "npm", "url": "http://npm.example", "extra": {"contentSynchronisation": {"enabled": True}}},
    },
    "virtual": {
        "libs": {"package_type": "maven", "repositories": ["libs-local"], "deploy_to": "libs-local"},
        "all": {"package_type": "maven", "repositories": ["libs", "libs-local"]},
    },
}  # fmt: skip
lifecycle = RepositoriesLifecycle()


def ours(site: Running) -> dict[str, Any]:
    found = repositories.all_configurations(site.platform)
    return {key: dict(item) for key, item in found.items() if OWNER.marks(item["notes"])}


@pytest.mark.parametrize("which", ["recent", "old"])
def test_three_classes_make_the_round_trip(which: str, request: pytest.FixtureRequest) -> None:
    site: Running = request.getfixturevalue(which)
    empty(site)
    declared = declare_at(site, SMALL)
    observed = lifecycle.create(declared)
    assert observed.count == 7
    assert lifecycle.read(declared, observed) == (declared, observed)
    before = site.writes
    assert lifecycle.update(declared, declared, observed) == observed
    assert lifecycle.preflight(declared, declared) == ()
    assert site.writes == before
    found = ours(site)
    assert found["libs-local"]["notes"] == f"ask Ann {OWNER.text}"
    assert (found["pypi-local"]["repoLayoutRef"], found["npm-remote"]["repoLayoutRef"]) == (
        "simple-default",
        "npm-default",
    )
    assert found["npm-remote"]["blockMismatchingMimeTypes"] is True
    assert found["images-local"]["maxUniqueTags"] == 7
    lifecycle.delete(declared, observed)
    assert ours(site) == {}
    lifecycle.delete(declared, observed)


@pytest.mark.parametrize("which", ["recent", "old"])
def test_an_update_changes_gives_up_and_removes(which: str, request: pytest.FixtureRequest) -> None:
    site: Running = request.getfixturevalue(which)
    empty(site)
    lifecycle.create(declare_at(site, SMALL))
    after: dict[str, Any] = {
        "local": {
            "libs-local": {"package_type": "maven"},
            "new-local": {"package_type": "maven"},
            "images-local": {"package_type": "docker", "extra": {"maxUniqueTags": 9}},
        },
        "remote": {"mirror": {"package_type": "generic", "url": "http://mirror.example/b"}},
        "virtual": {"libs": {"package_type": "maven", "repositories": ["new-local", "libs-local"]}},
    }
    wanted = declare_at(site, after)
    observed = lifecycle.update(declare_at(site, SMALL), wanted, EMPTY)
    found = ours(site)
    assert found.keys() == wanted.repositories.keys()
    libs = found["libs-local"]
    assert (libs["description"], libs["notes"], libs["maxUniqueSnapshots"]) == ("", OWNER.text, 0)
    mirror = found["mirror"]
    assert (mirror["url"], mirror["storeArtifactsLocally"], mirror["excludesPattern"]) == (
        "http://mirror.example/b",
        True,
        "",
    )
    assert (found["libs"]["repositories"], found["libs"]["defaultDeploymentRepo"]) == (["new-local", "libs-local"], "")
    before = site.writes
    assert lifecycle.update(wanted, wanted, observed) == observed
    assert site.writes == before


def test_drift_shows_and_is_mended(site: Running, declare: Declare) -> None:
    declared = declare(SMALL)
    observed = lifecycle.create(declared)
    repositories.update(
        site.platform, [{"key": "libs-local", "rclass": "local", "description": "odd", "blackedOut": True}]
    )
    repositories.delete(site.platform, "mirror")
    live, seen = lifecycle.read(declared, observed)
    assert declared.repositories.keys() - live.repositories.keys() == {"mirror"}
    assert [key for key, text in live.repositories.items() if text != declared.repositories[key]] == ["libs-local"]
    assert '"description":"odd"' in live.repositories["libs-local"]
    lifecycle.update(live, declared, seen)
    assert lifecycle.read(declared, observed) == (declared, observed)
    assert ours(site)["libs-local"]["blackedOut"] is True  # nobody declared it


def test_a_foreign_repository_is_refused_adopted_or_was_ours(site: Running, declare: Declare) -> None:
    site.make_local("libs-local", packageType="maven", description="theirs")
    before = site.writes
    with pytest.raises(
        Refused, match=r"repositories\.local\.libs-local: libs-local exists at us-east and was not made by us"
    ):
        lifecycle.create(declare(SMALL))
    assert [refusal.path[-1] for refusal in lifecycle.preflight(None, declare(SMALL))] == ["libs-local"]
    assert site.writes == before
    adopting = {"local": {"libs-local": {"package_type": "maven", "adopt": True}}}
    lifecycle.create(declare(adopting))
    assert ours(site)["libs-local"]["description"] == "theirs"
    lifecycle.create(declare({"local": {"libs-local": {"package_type": "maven"}}}))  # ours now, without the word
    other = Owner(estate="acme", resource="elsewhere/repositories")
    with pytest.raises(Refused, match="belongs to us-east/repositories of the estate acme"):
        lifecycle.create(declare({"local": {"libs-local": {"package_type": "maven"}}}, other))


def test_a_loss_must_be_allowed(site: Running, declare: Declare) -> None:
    declared = declare(SMALL)
    lifecycle.create(declared)
    site.upload("pypi-local", "a/b.whl", b"12345")
    site.upload("images-local", "c", b"1")
    before = sorted(ours(site))
    without = declare({rclass: {} for rclass in SMALL})
    with pytest.raises(Refused, match=r"pypi-local is no longer declared and holds 1 artifact, 5 bytes") as caught:
        lifecycle.update(declared, without, EMPTY)
    assert len(caught.value.refusals) == 1
    with pytest.raises(Refused, match="pypi-local"):
        lifecycle.delete(declared, EMPTY)
    assert sorted(ours(site)) == before
    pypi = {**SMALL["local"]["pypi-local"], "allow_delete": True}
    allowed = declare({**SMALL, "local": {**SMALL["local"], "pypi-local": pypi}})
    lifecycle.update(declared, allowed, EMPTY)
    lifecycle.delete(allowed, EMPTY)
    assert ours(site) == {}


def test_another_type_is_another_repository(site: Running, declare: Declare) -> None:
    def both(package_type: str, allowed: str) -> RepositoriesDeclaration:
        local = {key: {"package_type": package_type, "allow_delete": key == allowed} for key in ("a", "b")}
        virtual = {"v": {"package_type": package_type, "repositories": ["b"], "allow_delete": True}}
        return declare({"local": local, "virtual": virtual})

    maven, npm = both("maven", "a"), both("npm", "b")
    lifecycle.create(maven)
    site.upload("a", "x", b"1")
    lifecycle.update(maven, npm, EMPTY)
    assert {key: (item["packageType"], item.get("repositories")) for key, item in ours(site).items()} == {
        "a": ("npm", None),
        "b": ("npm", None),
        "v": ("npm", ["b"]),
    }
    site.upload("b", "x", b"1")
    with pytest.raises(Refused, match="b is a local repository of type npm, declared is local of pypi, and it holds"):
        lifecycle.update(
            declare({"local": {"b": {"package_type": "npm"}}}),
            declare({"local": {"b": {"package_type": "pypi", "allow_delete": True}}}),
            EMPTY,
        )


def test_a_rejected_repository_is_named(declare: Declare) -> None:
    odd = {**SMALL, "remote": {"odd": {"package_type": "npm", "url": "http://npm.example", "layout": "no-such"}}}
    with pytest.raises(EstateError, match=r"^sites\.us-east\.repositories\.remote\.odd: us-east says: Unable to find"):
        lifecycle.create(declare(odd))
    lifecycle.create(declare(SMALL))


@pytest.mark.parametrize("writes", range(4))
def test_a_cut_run_is_finished_by_the_next(site: Running, declare: Declare, writes: int) -> None:
    declared = declare(SMALL)
    # Five times, which is as often as the client tries; SMALL takes three writes.
    site.fault("drop", match="repositories", method="PUT", after_writes=writes, times=5)
    if writes < 3:
        with pytest.raises(Unreachable):
            lifecycle.create(declared)
    else:
        lifecycle.create(declared)
    site.fault("heal")
    observed = lifecycle.create(declared)
    assert ours(site).keys() == declared.repositories.keys()
    assert lifecycle.read(declared, observed) == (declared, observed)


def test_lost_answers_are_survived_in_the_same_run(site: Running, declare: Declare) -> None:
    declared = declare(SMALL)
    site.fault("drop", match="repositories", method="PUT", times=3, carried_out=True)
    observed = lifecycle.create(declared)
    assert lifecycle.read(declared, observed) == (declared, observed)


def test_credentials_open_the_upstream_and_follow_a_rotation(site: Running, declare: Declare, tmp_path: Path) -> None:
    token = site.token_file.read_text()
    file = tmp_path / "upstream"
    file.write_text("wrong")
    site.make_local("upstream")
    site.upload("upstream", "a.txt", b"hello")
    url = f"{site.url}/artifactory/upstream"
    declared = declare(
        {
            "remote": {
                "cached": {"package_type": "generic", "url": url, "credentials": f"file:{file}", "username": "admin"}
            }
        }
    )
    observed = lifecycle.create(declared)
    assert lifecycle.read(declared, observed) == (declared, observed)
    headers = {"Authorization": f"Bearer {token}"}
    assert requests.get(f"{site.url}/artifactory/cached/a.txt", headers=headers, timeout=10).status_code >= 400
    file.write_text(token)
    _, seen = lifecycle.read(declared, observed)
    assert len(seen.pending) == 1
    observed = lifecycle.update(declared, declared, seen)
    lifecycle.update(declared, declared, observed)
    got = requests.get(f"{site.url}/artifactory/cached/a.txt", headers=headers, timeout=10)
    assert hashlib.sha256(got.content).digest() == hashlib.sha256(b"hello").digest()
    assert token not in str((declared.to_data(), observed.to_data(), seen.to_data()))


def test_a_thousand(site: Running, declare: Declare) -> None:
    types = ("maven", "npm", "pypi", "docker", "generic")
    locals_ = {
        f"team-{n:03}-{kind}": {"package_type": kind, "description": f"of team {n}"}
        for n in range(180)
        for kind in types
    }
    virtual = {f"team-{n:03}-all": {"package_type": "npm", "repositories": [f"team-{n:03}-npm"]} for n in range(100)}
    declared = declare({"local": locals_, "virtual": virtual})
    assert len(declared.repositories) == 1000
    before = site.calls
    observed = lifecycle.create(declared)
    assert site.calls - before <= 1000 / 100 + 5
    before = site.calls
    assert lifecycle.read(declared, observed) == (declared, observed)
    assert site.calls - before <= 15
    before = site.writes
    assert lifecycle.update(declared, declared, observed) == observed
    assert site.writes == before
