import json
import re
from typing import Any

import pytest

from artifactory_estate.base import EstateError, Refused
from artifactory_estate.repositories.lifecycle import RepositoriesLifecycle, RepositoriesObservation
from artifactory_estate.rest import repositories
from tests.support.fake_artifactory import FakeArtifactory
from tests.support.wire import Wire
from tests.unit.repositories.declare import OTHER, OWNER, SMALL, changed, declare

BATCH = "/artifactory/api/v2/repositories/batch"
API = "/artifactory/api/repositories"
UNSET = repositories.UNSET_DEPLOYMENT
EMPTY = RepositoriesObservation()
lifecycle = RepositoriesLifecycle()


@pytest.fixture
def small(server: Wire) -> RepositoriesObservation:
    """SMALL stands at the server."""
    observed = lifecycle.create(declare(server, SMALL))
    server.seen.clear()
    return observed


def test_create_makes_members_before_the_virtual_repositories_that_name_them(
    server: Wire, fake: FakeArtifactory
) -> None:
    observed = lifecycle.create(declare(server, SMALL))
    assert observed == RepositoriesObservation(count=5)
    assert server.calls == [
        f"GET {API}/configurations",
        "GET /artifactory/api/system/version",
        f"PUT {BATCH}",
        f"PUT {API}/libs",
    ]
    assert fake.made == ["images-local", "libs-local", "pypi-local", "upstream", "libs"]
    assert {item["notes"] for item in fake.repositories.values()} == {OWNER.text}
    assert fake.repositories["images-local"].keys().isdisjoint({"allow_delete", "adopt", "credentials"})


def test_virtual_repositories_of_virtual_ones_are_made_in_stages(server: Wire, fake: FakeArtifactory) -> None:
    virtual = {f"v{n}": {"package_type": "maven", "repositories": [f"v{n + 1}"]} for n in range(3)}
    virtual["v3"] = {"package_type": "maven", "repositories": ["libs-local"]}
    lifecycle.create(declare(server, changed(SMALL, virtual=virtual)))
    order = fake.made.index
    assert order("libs-local") < order("v3") < order("v2") < order("v1") < order("v0")


@pytest.mark.usefixtures("small")
def test_unchanged_writes_nothing_and_reads_as_declared(server: Wire, small: RepositoriesObservation) -> None:
    declared = declare(server, SMALL)
    assert lifecycle.update(declared, declared, small) == small
    assert lifecycle.read(declared, small) == (declared, small)
    assert lifecycle.create(declared) == small
    assert server.writes == []


def test_update_sends_what_differs_and_deletes_what_is_gone(
    server: Wire, fake: FakeArtifactory, small: RepositoriesObservation
) -> None:
    wanted = changed(
        SMALL,
        local={"libs-local": {"package_type": "maven"}, "pypi-local": None, "new": {"package_type": "maven"}},
        virtual={"libs": {"package_type": "maven", "repositories": ["libs-local", "new"]}},
    )
    observed = lifecycle.update(declare(server, SMALL), declare(server, wanted), small)
    assert server.writes == [f"PUT {API}/new", f"POST {BATCH}", f"DELETE {API}/pypi-local"]
    kind = {"rclass": "local", "packageType": "maven"}
    assert next(seen.json for seen in server.seen if seen.path == BATCH) == [
        {
            "key": "libs",
            **kind,
            "rclass": "virtual",
            "repositories": ["libs-local", "new"],
            "defaultDeploymentRepo": UNSET,
        },
        {"key": "libs-local", **kind, "description": ""},
    ]
    assert observed.count == 5
    assert fake.repositories["libs"]["defaultDeploymentRepo"] == ""
    server.seen.clear()
    assert lifecycle.update(declare(server, wanted), declare(server, wanted), observed) == observed
    assert server.writes == []


@pytest.mark.usefixtures("small")
def test_drift_shows_and_a_servers_default_does_not(server: Wire, fake: FakeArtifactory) -> None:
    fake.repositories["pypi-local"]["excludesPattern"] = "tmp/**"
    fake.repositories["libs-local"]["description"] = "somebody else's"
    del fake.repositories["upstream"]
    declared = declare(server, SMALL)
    live, observed = lifecycle.read(declared, EMPTY)
    assert live.repositories == {
        **{key: text for key, text in declared.repositories.items() if key != "upstream"},
        "libs-local": '{"rclass":"local","packageType":"maven","description":"somebody else\'s"}',
    }
    assert observed.count == 4
    lifecycle.update(live, declared, observed)
    assert lifecycle.read(declared, observed)[0] == declared


@pytest.mark.parametrize(
    ("notes", "whose"),
    [("", "was not made by us"), ("ask Ann", "was not made by us"), (OTHER.text, "belongs to eu-west/repositories of the estate acme")],
)  # fmt: skip
def test_a_foreign_repository_is_refused_by_name_and_adopted_when_told(
    server: Wire, fake: FakeArtifactory, notes: str, whose: str
) -> None:
    foreign = {"key": "libs-local", "rclass": "local", "packageType": "maven", "notes": notes, "description": "theirs"}
    fake.repositories["libs-local"] = dict(foreign)
    expected = rf"^sites.us-east.repositories.local.libs-local: libs-local exists at us-east and {whose} "
    for refused in (
        lambda: lifecycle.create(declare(server, SMALL)),
        lambda: lifecycle.update(declare(server, SMALL), declare(server, SMALL), EMPTY),
    ):
        with pytest.raises(Refused, match=expected):
            refused()
    assert len(lifecycle.preflight(None, declare(server, SMALL))) == 1
    assert server.writes == []
    assert fake.repositories == {"libs-local": foreign}
    adopting = changed(SMALL, local={"libs-local": {"package_type": "maven", "adopt": True}})
    lifecycle.create(declare(server, adopting))
    taken = fake.repositories["libs-local"]
    assert OWNER.marks(taken["notes"])
    assert (taken["description"], "ask Ann" in taken["notes"]) == ("theirs", notes == "ask Ann")


def test_adopting_never_deletes(server: Wire, fake: FakeArtifactory) -> None:
    fake.repositories["x"] = {"key": "x", "rclass": "federated", "packageType": "maven"}
    wanted = {"local": {"x": {"package_type": "maven", "adopt": True, "allow_delete": True}}}
    with pytest.raises(Refused, match="as a federated repository of type maven"):
        lifecycle.create(declare(server, wanted))
    assert server.writes == []


def test_a_key_that_differs_in_case_only(server: Wire, fake: FakeArtifactory) -> None:
    fake.repositories["Libs-Local"] = {"key": "Libs-Local", "rclass": "local", "packageType": "maven"}
    with pytest.raises(Refused, match="Libs-Local exists at us-east"):
        lifecycle.create(declare(server, SMALL))


@pytest.mark.usefixtures("small")
def test_others_are_left_alone(server: Wire, fake: FakeArtifactory) -> None:
    fake.repositories["theirs"] = {"key": "theirs", "rclass": "local", "packageType": "npm", "notes": OTHER.text}
    fake.repositories["shared"] = {"key": "shared", "rclass": "federated", "packageType": "npm", "notes": ""}
    lifecycle.delete(declare(server, SMALL), EMPTY)
    assert sorted(fake.repositories) == ["shared", "theirs"]
    lifecycle.delete(declare(server, SMALL), EMPTY)


@pytest.mark.usefixtures("small")
def test_a_lost_mark_is_a_lost_repository(server: Wire, fake: FakeArtifactory) -> None:
    fake.repositories["libs-local"]["notes"] = "mine now"
    declared = declare(server, SMALL)
    assert "libs-local" not in lifecycle.read(declared, EMPTY)[0].repositories
    lifecycle.delete(declared, EMPTY)
    assert sorted(fake.repositories) == ["libs-local"]


@pytest.mark.usefixtures("small")
def test_a_loss_that_nobody_allowed_is_refused_before_the_first_write(server: Wire, fake: FakeArtifactory) -> None:
    fake.files = {"pypi-local": [5, 7], "images-local": [1], "upstream-cache": [3]}
    old = declare(server, SMALL)
    without = declare(server, changed(SMALL, local={"pypi-local": None, "images-local": None}))
    with pytest.raises(Refused) as caught:
        lifecycle.update(old, without, EMPTY)
    assert re.findall(r"(\S+): (\S+) is no longer declared and holds (.*) \(", str(caught.value)) == [
        ("sites.us-east.repositories.local.pypi-local", "pypi-local", "2 artifacts, 12 bytes")
    ]
    with pytest.raises(Refused) as caught:
        lifecycle.delete(old, EMPTY)
    assert [refusal.path[-1] for refusal in caught.value.refusals] == ["pypi-local", "upstream"]
    assert server.writes == []
    asked = [call for call in server.calls if call.endswith("/aql")]
    assert len(asked) == 2
    assert '"repo":"images-local"' not in str([seen.body for seen in server.seen])  # it is allowed
    assert len(fake.repositories) == 5


@pytest.mark.usefixtures("small")
def test_the_word_must_have_been_applied_before(server: Wire, fake: FakeArtifactory) -> None:
    fake.files = {"pypi-local": [5]}
    allowed = changed(SMALL, local={"pypi-local": {"package_type": "pypi", "allow_delete": True}})
    without = changed(SMALL, local={"pypi-local": None})
    with pytest.raises(Refused):
        lifecycle.update(declare(server, SMALL), declare(server, without), EMPTY)
    lifecycle.update(declare(server, SMALL), declare(server, allowed), EMPTY)
    lifecycle.update(declare(server, allowed), declare(server, without), EMPTY)
    assert "pypi-local" not in fake.repositories


@pytest.mark.parametrize(
    ("before", "after", "files", "done"),
    [
        (True, False, [5], True),
        (True, True, [5], True),
        (False, True, [], True),
        (False, True, [5], False),
        (False, False, [], False),
    ],
)
def test_another_type_is_another_repository(
    server: Wire, fake: FakeArtifactory, before: bool, after: bool, files: list[int], done: bool
) -> None:
    members = {"libs": {"package_type": "maven", "repositories": ["a", "b"], "deploy_to": "a"}}
    old = {
        "local": {"a": {"package_type": "maven", "allow_delete": before}, "b": {"package_type": "maven"}},
        "virtual": members,
    }
    new = changed(old, local={"a": {"package_type": "gradle", "allow_delete": after}})
    lifecycle.create(declare(server, old))
    fake.files = {"a": files}
    server.seen.clear()
    if done:
        lifecycle.update(declare(server, old), declare(server, new), EMPTY)
        assert server.writes == [
            f"DELETE {API}/a",
            f"PUT {API}/a",
            f"POST {API}/libs",
        ]
        assert fake.repositories["a"]["packageType"] == "gradle"
        assert fake.repositories["libs"]["repositories"] == ["a", "b"]
        assert fake.repositories["libs"]["defaultDeploymentRepo"] == "a"
    else:
        with pytest.raises(Refused, match="a is a local repository of type maven, declared is local of gradle"):
            lifecycle.update(declare(server, old), declare(server, new), EMPTY)
        assert fake.repositories["a"]["packageType"] == "maven"


def test_what_the_server_cannot_do_is_refused(server: Wire, fake: FakeArtifactory) -> None:
    with pytest.raises(Refused, match="nowhere, odd is neither declared nor at us-east"):
        lifecycle.create(
            declare(
                server, {"virtual": {"v": {"package_type": "npm", "repositories": ["nowhere"], "deploy_to": "odd"}}}
            )
        )
    lifecycle.create(declare(server, SMALL))
    emptied = changed(SMALL, virtual={"libs": {"package_type": "maven"}})
    with pytest.raises(Refused, match="repositories is libs-local at us-east and would become empty"):
        lifecycle.update(declare(server, SMALL), declare(server, emptied), EMPTY)
    assert fake.repositories["libs"]["repositories"] == ["libs-local"]


def test_a_rejected_repository_is_named_with_the_servers_words(server: Wire) -> None:
    odd = changed(SMALL, local={"odd-local": {"package_type": "npm", "layout": "unknown"}})
    with pytest.raises(EstateError) as caught:
        lifecycle.create(declare(server, odd))
    assert str(caught.value) == (
        "sites.us-east.repositories.local.odd-local: us-east says: "
        "Unable to find repository layout by the name: unknown"
    )
    lifecycle.create(declare(server, SMALL))


def test_an_unavailable_site_is_left_alone(fake: FakeArtifactory, server: Wire) -> None:
    away = declare(server, SMALL, available=False)
    observed = lifecycle.create(away)
    assert observed.pending == ("us-east is not available: its 5 repositories are left alone",)
    assert lifecycle.preflight(None, away) == ()
    assert lifecycle.read(away, observed) == (away, observed)
    assert lifecycle.update(away, away, observed) == observed
    lifecycle.delete(away, observed)
    assert server.seen == []
    back = declare(server, SMALL)
    assert lifecycle.update(away, back, observed).pending == ()
    assert len(fake.repositories) == 5


def test_what_was_dropped_while_the_site_was_away_goes_when_it_is_back(server: Wire, fake: FakeArtifactory) -> None:
    lifecycle.create(declare(server, SMALL))
    fewer = changed(SMALL, local={"pypi-local": None})
    away = declare(server, fewer, available=False)
    observed = lifecycle.update(declare(server, SMALL), away, EMPTY)
    lifecycle.update(away, declare(server, fewer), observed)
    assert "pypi-local" not in fake.repositories


def test_a_renamed_resource_keeps_its_repositories(server: Wire, fake: FakeArtifactory) -> None:
    lifecycle.create(declare(server, SMALL, owner=OTHER))
    lifecycle.update(declare(server, SMALL, owner=OTHER), declare(server, SMALL), EMPTY)
    assert {item["notes"] for item in fake.repositories.values()} == {OWNER.text}
    assert len(fake.made) == 5


def test_repositories_move_between_projects(server: Wire, fake: FakeArtifactory) -> None:
    plain = {"local": {"web-a": {"package_type": "npm"}}}
    moved = {"local": {"web-a": {"package_type": "npm", "project": "web"}}}
    lifecycle.create(declare(server, plain))
    server.seen.clear()
    lifecycle.update(declare(server, plain), declare(server, moved), EMPTY)
    lifecycle.update(declare(server, moved), declare(server, plain), EMPTY)
    access = "/access/api/v1/projects/_/attach/repositories/web-a"
    assert server.writes == [f"POST {API}/web-a", f"PUT {access}/web", f"POST {API}/web-a", f"DELETE {access}"]
    assert fake.repositories["web-a"]["projectKey"] == ""


@pytest.mark.parametrize("key", ["a", "A.b_c-1", "x" * 64, "1.0", "configurations2"])
def test_edge_keys_and_unicode_texts(server: Wire, fake: FakeArtifactory, key: str) -> None:
    wanted = {"local": {key: {"package_type": "generic", "description": 'größe ☃ "q" \\ \n tab\t', "notes": "日本"}}}
    declared = declare(server, wanted)
    observed = lifecycle.create(declared)
    assert fake.repositories[key]["description"] == wanted["local"][key]["description"]
    assert lifecycle.read(declared, observed)[0] == declared
    lifecycle.delete(declared, observed)
    assert fake.repositories == {}


def test_the_declaration_is_strict() -> None:
    data: dict[str, Any] = declare("http://x.example", SMALL).to_data()
    assert type(declare("http://x.example", SMALL)).from_data(json.loads(json.dumps(data))).to_data() == data
    for bad in ("{}", "[]", "not json", '{"rclass":"federated","packageType":"maven"}'):
        with pytest.raises(ValueError, match="repositories"):
            type(declare("http://x.example", SMALL)).from_data({**data, "repositories": {"libs": bad}})
