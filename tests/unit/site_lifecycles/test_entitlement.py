from pathlib import Path

import pytest

from artifactory_estate.base import Refused
from artifactory_estate.rest import Connection
from artifactory_estate.site.editions import Feature, features_of
from artifactory_estate.site.entitlement import Entitlement, EntitlementDeclaration
from artifactory_estate.site.lifecycle import LicencesDeclaration, LicencesLifecycle
from tests.support.wire import Wire
from tests.unit.site.site_values import site_of
from tests.unit.site_lifecycles.fake_node import API, FakeNode

KEY = "first\nlicence"
lifecycle = Entitlement()


@pytest.fixture
def declared(connection: Connection, node: FakeNode) -> EntitlementDeclaration:
    node.pool[node.name(KEY)] = KEY
    return EntitlementDeclaration(connection=connection, licences=(node.name(KEY),))


def test_an_expired_licence_is_refused_and_drift(node: FakeNode, declared: EntitlementDeclaration) -> None:
    observed = lifecycle.create(declared)
    assert lifecycle.read(declared, observed) == (declared, observed)
    node.expired = {KEY}
    name = node.name(KEY)
    assert lifecycle.read(declared, observed)[1].pending == (f"licence {name} has expired",)
    expected = rf"licence {name[:8]}, Enterprise Plus, expired on Jan 31, 2030 \(REST reference 1.2"
    with pytest.raises(Refused, match=expected):
        lifecycle.update(declared, declared, observed)


@pytest.mark.parametrize(
    ("edition", "feature", "why"),
    [
        ("Commercial", "high availability", "seed 004: an HA configuration is supported with an Enterprise licence"),
        ("Commercial", "sharding", "files reference 1.12"),
        ("Commercial", "multi-push replication", "REST reference 5.3"),
        ("Enterprise X", "checksum replication", "REST reference 1.7"),
        ("Enterprise X", "checksum replication to another site", "REST reference 5.1"),
        ("Enterprise", "federation", "seed 003: supported with Enterprise X and Enterprise"),
    ],
)
def test_an_edition_that_does_not_do_what_is_asked_for_is_refused(
    node: FakeNode, declared: EntitlementDeclaration, edition: str, feature: Feature, why: str
) -> None:
    node.edition = edition
    lifecycle.create(declared)
    with pytest.raises(Refused, match=rf"sites.us-east.licences: {edition}, with {feature} \({why}"):
        lifecycle.create(declared.model_copy(update={"features": (feature,)}))
    node.edition = "Enterprise Plus"
    lifecycle.create(declared.model_copy(update={"features": (feature,)}))


def test_a_lone_node_is_a_cluster_of_one() -> None:
    lone = site_of(nodes={"count": 1})
    assert features_of(lone, federated=False, looks_before_sending=False) == ("high availability",)
    assert features_of(lone, federated=True, looks_before_sending=True) == (
        "high availability",
        "checksum replication to another site",
        "federation",
    )


def test_somebody_elses_licence_is_not_judged(node: FakeNode, declared: EntitlementDeclaration) -> None:
    node.pool["somebody"] = "else's"
    node.expired = {"else's"}
    assert lifecycle.create(declared).pending == ()


def test_better_licences_take_the_place_of_those_that_were_refused(
    node: FakeNode, connection: Connection, tmp_path: Path
) -> None:
    file, licences = tmp_path / "licences.txt", LicencesLifecycle()
    file.write_text("weak")
    pool = LicencesDeclaration(connection=connection, pool=f"file:{file}", features=("federation",))
    node.edition = "Enterprise"
    had = licences.create(pool)
    assert had.pending[0].startswith("Enterprise, with federation (seed 003")
    needs = EntitlementDeclaration(connection=connection, licences=had.ours, features=("federation",))
    with pytest.raises(Refused, match="Enterprise, with federation"):
        lifecycle.create(needs)
    file.write_text("strong")
    node.edition = "Enterprise Plus"
    has = licences.update(pool, pool, had)
    assert (list(node.pool.values()), has.pending) == (["strong"], ())
    assert lifecycle.create(needs.model_copy(update={"licences": has.ours})).pending == ()


def test_an_unavailable_site_is_left_alone(server: Wire, declared: EntitlementDeclaration) -> None:
    away = declared.model_copy(update={"connection": declared.connection.model_copy(update={"available": False})})
    observed = lifecycle.create(away)
    assert observed.pending == ("us-east is not available",)
    assert lifecycle.read(away, observed) == (away, observed)
    lifecycle.delete(away, observed)
    assert server.seen == []


def test_it_asks_once(server: Wire, declared: EntitlementDeclaration) -> None:
    lifecycle.create(declared)
    assert server.calls == [f"GET {API}/licenses"]
