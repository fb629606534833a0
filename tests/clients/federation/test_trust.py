"""Edges of trust between platforms that run."""

from artifactory_estate.rest import trust
from artifactory_estate.trust import marks
from artifactory_estate.trust.lifecycle import ObservedTrust, TrustLifecycle
from tests.clients.federation.conftest import trust_of
from tests.clients.running import Running, finished_despite_kills

TRUST = TrustLifecycle()


def _held(site: Running) -> set[str]:
    return {token.base_url for token in trust.held(site.platform)}


def _two(sites: dict[str, Running]) -> dict[str, Running]:
    return {name: sites[name] for name in ("eu-west", "us-east")}


def test_edges_are_made_once_and_a_second_run_writes_nothing(sites: dict[str, Running]) -> None:
    declared = trust_of(sites)
    observed, kills = finished_despite_kills(lambda: TRUST.create(declared))
    assert kills >= 3  # a mark and a pairing an edge
    for site in sites.values():
        assert _held(site) == {other.url for other in sites.values()} - {site.url}
    before = {name: site.writes for name, site in sites.items()}
    assert TRUST.update(declared, declared, observed) == ObservedTrust()
    assert {name: site.writes for name, site in sites.items()} == before
    assert TRUST.read(declared, observed) == (declared, observed)


def test_an_edge_goes_with_its_last_user(sites: dict[str, Running]) -> None:
    two = _two(sites)
    one, other = trust_of(two), trust_of(two, "federation-other/other-trust")
    observed = TRUST.create(one)
    TRUST.create(other)
    TRUST.delete(one, observed)
    assert _held(two["us-east"]) == {two["eu-west"].url}
    TRUST.delete(other, observed)
    assert all(not _held(site) for site in two.values())
    assert all(not marks.read(site.platform) for site in two.values())


def test_an_edge_that_a_person_made_is_used_and_not_revoked(sites: dict[str, Running]) -> None:
    two = _two(sites)
    token = trust.pairing_token(two["us-east"].platform, "federated-repo/*")
    trust.accept(two["eu-west"].platform, "federated-repo/*", token)
    declared = trust_of(two)
    TRUST.delete(declared, TRUST.create(declared))
    assert _held(two["us-east"]) == {two["eu-west"].url}


def test_a_site_that_is_away_is_pending_and_its_edge_is_made_later(sites: dict[str, Running]) -> None:
    declared = trust_of(sites)
    sites["lab"].kill()
    observed = TRUST.create(declared)
    assert len(observed.pending) == 2 and all(why.startswith("lab is not reachable: ") for why in observed.pending)
    assert _held(sites["us-east"]) == {sites["eu-west"].url}
    sites["lab"].come_back()
    assert TRUST.update(declared, declared, observed).pending == ()
    assert _held(sites["lab"]) == {sites["eu-west"].url, sites["us-east"].url}


def test_a_revoked_edge_is_drift(sites: dict[str, Running]) -> None:
    two = _two(sites)
    declared = trust_of(two)
    observed = TRUST.create(declared)
    trust.revoke(two["us-east"].platform, two["eu-west"].url)
    found = TRUST.read(declared, observed)
    assert found is not None and found[0].edges == ()
    TRUST.update(found[0], declared, found[1])
    assert _held(two["us-east"]) == {two["eu-west"].url}
