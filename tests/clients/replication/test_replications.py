"""Declared replications of a site, with platforms that run."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from artifactory_estate.base import Owner, Refused
from artifactory_estate.replication.declared import DeclaredReplications, ObservedReplications
from artifactory_estate.replication.lifecycle import ReplicationsLifecycle
from artifactory_estate.replication.model import Push
from artifactory_estate.rest import replications, tokens
from tests.clients.running import Running, finished_despite_kills, running, until

PUSHES = ReplicationsLifecycle()
CRON = "0 0 2 ? * MON-SAT"
Declare = Callable[..., DeclaredReplications]


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[dict[str, Running]]:
    with running(tmp_path, ("source", "one", "two")) as found:
        for site in found.values():
            site.make_local("libs-local")
            site.make_local("more-local")
        yield found


@pytest.fixture
def declare(sites: dict[str, Running]) -> Declare:
    def make(**pushes: dict[str, Any]) -> DeclaredReplications:
        wanted = {key.replace("_", "-"): Push.from_data({"cron": CRON, **push}) for key, push in pushes.items()}
        used = sorted({site for push in wanted.values() for site in push.targets})
        return DeclaredReplications(
            owner=Owner(estate="acme", resource="source/replications"),
            connection=sites["source"].connection,
            targets={site: sites[site].connection for site in used},
            push=wanted,
        )

    return make


def _urls(site: Running) -> set[str]:
    return {entry.url for entry in replications.read_all(site.platform)}


def test_bytes_arrive_and_a_second_run_writes_nothing(sites: dict[str, Running], declare: Declare) -> None:
    wanted = declare(libs_local={"targets": ["one", "two"]}, more_local={"targets": ["one"]})
    observed, kills = finished_despite_kills(lambda: PUSHES.create(wanted), writes=3)
    assert kills >= 2 and observed == ObservedReplications()
    sent = sites["source"].upload("libs-local", "a/one.bin", b"one" * 1000)
    for name in ("one", "two"):
        until(lambda name=name: sites[name].digest("libs-local", "a/one.bin") == sent, f"the artifact at {name}")
    before = {name: site.writes for name, site in sites.items()}
    assert PUSHES.update(wanted, wanted, observed) == observed
    assert {name: site.writes for name, site in sites.items()} == before
    assert PUSHES.read(wanted, observed) == (wanted, observed)


def test_a_target_that_is_no_longer_named_is_removed_and_others_stay(
    sites: dict[str, Running], declare: Declare
) -> None:
    both = declare(libs_local={"targets": ["one", "two"]})
    observed = PUSHES.create(both)
    one = declare(libs_local={"targets": ["one"]})
    PUSHES.update(both, one, observed)
    assert _urls(sites["source"]) == {f"{sites['one'].url}/artifactory/libs-local"}
    PUSHES.delete(one, observed)
    assert not _urls(sites["source"])
    assert not [token for token in tokens.known(sites["one"].platform) if "lets source send" in token.description]


def test_another_setting_of_somebody_else_is_refused_unless_adopted(
    sites: dict[str, Running], declare: Declare
) -> None:
    theirs = replications.Replication("libs-local", "0 0 5 * * ?", f"{sites['one'].url}/artifactory/libs-local")
    replications.write_push(sites["source"].platform, theirs, replications.Login("admin", "theirs"), ())
    before = sites["source"].writes
    with pytest.raises(
        Refused, match=r"sites\.source\.replications\.push\.libs-local: .* with cron '0 0 5 \* \* \?' instead"
    ):
        PUSHES.create(declare(libs_local={"targets": ["one"]}))
    assert sites["source"].writes == before
    PUSHES.create(declare(libs_local={"targets": ["one"], "adopt": True}))
    (entry,) = replications.read_all(sites["source"].platform)
    assert (entry.cron, entry.on_event) == (CRON, True)


def test_an_entry_whose_token_ended_gets_a_new_one(sites: dict[str, Running], declare: Declare) -> None:
    wanted = declare(libs_local={"targets": ["one"]})
    observed = PUSHES.create(wanted)
    for token in tokens.known(sites["one"].platform):
        if "lets source send to one." in token.description:
            tokens.revoke(sites["one"].platform, token.id)
    found = PUSHES.read(wanted, observed)
    assert found is not None and found[1].pending == ("the token of source at one is to be renewed",)
    assert PUSHES.update(wanted, wanted, found[1]).pending == ()
    sent = sites["source"].upload("libs-local", "a/one.bin", b"one")
    until(lambda: sites["one"].digest("libs-local", "a/one.bin") == sent, "the artifact, by the new token")


def test_a_target_that_is_away_waits_and_its_own_deletion_is_refused(
    sites: dict[str, Running], declare: Declare
) -> None:
    wanted = declare(libs_local={"targets": ["one", "two"]})
    sites["two"].kill()
    observed = PUSHES.create(wanted)
    assert len(observed.pending) == 1 and observed.pending[0].startswith("two is not reachable: ")
    assert _urls(sites["source"]) == {f"{sites['one'].url}/artifactory/libs-local"}
    with pytest.raises(Refused, match="two is not reachable"):
        PUSHES.delete(wanted, observed)
    assert _urls(sites["source"])
