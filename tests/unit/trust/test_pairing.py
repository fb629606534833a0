"""When an edge is there, when it is renewed, and whose it is."""

from datetime import UTC, datetime, timedelta

import pytest

from artifactory_estate.base import Owner
from artifactory_estate.rest import Connection, Platform, tokens, trust
from artifactory_estate.rest.errors import Forbidden
from artifactory_estate.rest.tokens import KnownToken
from artifactory_estate.rest.trust import MasterToken
from artifactory_estate.trust import marks, pairing
from artifactory_estate.trust.lifecycle import DeclaredTrust, TrustLifecycle
from artifactory_estate.trust.model import Edge
from artifactory_estate.trust.pairing import Pairing

NOW = datetime(2026, 1, 31, tzinfo=UTC)
A, B = (Platform(Connection(site=site, url=f"http://{site}.example"), lambda _reference: "x") for site in ("a", "B"))


@pytest.mark.parametrize(
    ("found", "due"),
    [
        (Pairing(there=False), True),
        (Pairing(there=True), False),
        (Pairing(there=True, expires=NOW + timedelta(days=60)), False),
        (Pairing(there=True, expires=NOW + timedelta(days=59, hours=23)), True),
        (Pairing(there=True, expires=NOW - timedelta(days=1)), True),
    ],
    ids=["missing", "without end", "60 days left", "less", "over"],
)
def test_due(found: Pairing, due: bool) -> None:
    assert found.due(NOW) is due


def _tokens(held: dict[str, tuple[str, ...]], monkeypatch: pytest.MonkeyPatch) -> None:
    def read(platform: Platform) -> list[MasterToken]:
        return [MasterToken(url, NOW) for url in held[platform.site]]

    monkeypatch.setattr(trust, "held", read)


@pytest.mark.parametrize(
    ("held", "both_ways", "there"),
    [
        ({"a": ("http://b.example",), "B": ("http://a.example",)}, True, True),
        ({"a": ("http://b.example",), "B": ()}, True, False),
        ({"a": (), "B": ("http://a.example",)}, False, True),
        ({"a": ("http://c.example",), "B": ("http://c.example",)}, True, False),
        ({"a": (), "B": ()}, False, False),
    ],
    ids=["both", "one of two", "receiving only", "others'", "none"],
)
def test_there(held: dict[str, tuple[str, ...]], both_ways: bool, there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    _tokens(held, monkeypatch)
    found = pairing.read(A, B, both_ways=both_ways)
    assert found is not None and found.there is there


def test_a_server_that_does_not_show_its_descriptor_leaves_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(platform: Platform) -> list[MasterToken]:
        raise Forbidden(platform.site, "GET", 403, "no")

    monkeypatch.setattr(trust, "held", refuse)
    assert pairing.read(A, B, both_ways=True) is None


def test_a_mark_names_owner_edge_and_who_made_it(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(tokens, "create", lambda _at, **fields: written.append(fields["description"]))
    owner = Owner(estate="acme", resource="federation-shared/shared-trust")
    marks.leave(A, owner, marks.edge_of(A, B), made=True)
    marks.leave(A, owner, marks.edge_of(B, A), made=False)
    others = ["somebody's", f"{owner.text} lets us-east send to us-west."]
    known = [KnownToken(str(number), "x", text) for number, text in enumerate([*others, *written])]
    monkeypatch.setattr(tokens, "known", lambda _at: known)
    edge = ("http://B.example", "http://a.example")
    assert [(mark.token, mark.owner, mark.edge, mark.made) for mark in marks.read(A)] == [
        ("2", owner, edge, True),
        ("3", owner, edge, False),
    ]
    assert marks.home(A, B) is B is marks.home(B, A)


def test_circle_of_trust_is_refused_with_the_reason() -> None:
    def declared(*edges: Edge) -> DeclaredTrust:
        return DeclaredTrust(owner=Owner(estate="acme", resource="trust"), connections={}, edges=edges)

    assert not TrustLifecycle().preflight(None, declared(Edge(between=("aa", "bb"))))
    (refused,) = TrustLifecycle().preflight(None, declared(Edge(between=("aa", "bb"), use="access")))
    assert "the edge between aa and bb has `use: access`" in str(refused)
