"""A federation over three platforms that run."""

import pytest

from artifactory_estate.base import Refused
from artifactory_estate.federation import health
from artifactory_estate.federation.lifecycle import FederationLifecycle
from tests.clients.federation.conftest import Declare
from tests.clients.running import Running, finished_despite_kills, until

FEDERATION = FederationLifecycle()
KEY = "shared-federated"


def _urls(site: Running, key: str = KEY) -> set[str]:
    found = site.repository(key)
    return {member["url"] for member in found["members"]} if found else set()


def _all_urls(sites: dict[str, Running], key: str = KEY) -> set[str]:
    return {f"{site.url}/artifactory/{key}" for site in sites.values()}


def test_it_stands_at_every_member_and_carries_bytes_both_ways(trusted: dict[str, Running], declare: Declare) -> None:
    observed = FEDERATION.create(declare({KEY: {"package_type": "generic", "description": "ours", "notes": "mine"}}))
    assert observed.pending == ()
    for site in trusted.values():
        found = site.repository(KEY)
        assert found is not None and found["rclass"] == "federated" and found["description"] == "ours"
        assert found["notes"] == "mine [artifactory-estate acme federation-shared/shared-repositories]"
        assert _urls(site) == _all_urls(trusted)
    sent = trusted["us-east"].upload(KEY, "a/one.bin", b"one" * 1000)
    back = trusted["lab"].upload(KEY, "b/two.bin", b"two" * 1000)
    for site in trusted.values():
        until(lambda site=site: site.digest(KEY, "a/one.bin") == sent, f"us-east's artifact at {site.site}")
        until(lambda site=site: site.digest(KEY, "b/two.bin") == back, f"lab's artifact at {site.site}")
    until(lambda: health.observe(declare()).settled, "the federation to be healthy")
    assert health.observe(declare()).state == "healthy"


def test_a_second_run_writes_nothing_and_a_change_spreads(trusted: dict[str, Running], declare: Declare) -> None:
    first = declare()
    observed = FEDERATION.create(first)
    before = {name: site.writes for name, site in trusted.items()}
    assert FEDERATION.update(first, first, observed) == observed
    assert {name: site.writes for name, site in trusted.items()} == before
    changed = declare({KEY: {"package_type": "generic", "description": "new words", "xray_index": True}})
    assert FEDERATION.update(first, changed, observed).pending == ()
    for site in trusted.values():
        found = site.repository(KEY)
        assert found is not None and (found["description"], found["xrayIndex"]) == ("new words", True)


def test_a_foreign_key_at_any_member_is_refused_before_the_first_write(
    trusted: dict[str, Running], declare: Declare
) -> None:
    trusted["us-east"].make_local(KEY)
    before = {name: site.writes for name, site in trusted.items()}
    with pytest.raises(Refused, match=f"us-east has a local repository {KEY} that this estate did not make"):
        FEDERATION.create(declare())
    assert {name: site.writes for name, site in trusted.items()} == before


def test_what_a_killed_run_left_is_taken_over(trusted: dict[str, Running], declare: Declare) -> None:
    wanted = declare({"one-federated": {"package_type": "generic"}, "two-federated": {"package_type": "generic"}})
    observed, kills = finished_despite_kills(lambda: FEDERATION.create(wanted))
    assert kills >= 1 and observed.pending == ()
    for site in trusted.values():
        assert _urls(site, "one-federated") == _all_urls(trusted, "one-federated")
        assert _urls(site, "two-federated") == _all_urls(trusted, "two-federated")


def test_a_member_that_is_down_is_deferred_and_joins_later(trusted: dict[str, Running], declare: Declare) -> None:
    trusted["us-east"].kill()
    with pytest.raises(Refused, match=r"federations\.shared\.members\.us-east: us-east is not reachable"):
        FEDERATION.create(declare())
    wanted = declare(on_unreachable="defer")
    observed = FEDERATION.create(wanted)
    assert len(observed.pending) == 1 and observed.pending[0].startswith("us-east is not reachable: ")
    sent = trusted["lab"].upload(KEY, "a/one.bin", b"one" * 1000)
    trusted["us-east"].come_back()
    assert FEDERATION.update(wanted, wanted, observed).pending == ()
    assert _urls(trusted["us-east"]) == _urls(trusted["lab"]) == _all_urls(trusted)
    until(lambda: trusted["us-east"].digest(KEY, "a/one.bin") == sent, "the artifact at the member that came late")


def test_a_site_that_is_declared_unavailable_is_left_alone(trusted: dict[str, Running], declare: Declare) -> None:
    wanted = declare()
    lab = wanted.connections["lab"].model_copy(update={"available": False})
    before = trusted["lab"].writes
    observed = FEDERATION.create(wanted.model_copy(update={"connections": {**wanted.connections, "lab": lab}}))
    assert observed.pending == ("lab is not available, as the document says",)
    assert trusted["lab"].writes == before and trusted["lab"].repository(KEY) is None


def test_a_member_that_leaves_keeps_its_copy_as_its_own(trusted: dict[str, Running], declare: Declare) -> None:
    first = declare()
    observed = FEDERATION.create(first)
    sent = trusted["lab"].upload(KEY, "a/one.bin", b"one")
    two = declare(members={"eu-west": {}, "us-east": {}})
    assert FEDERATION.update(first, two, observed).pending == ()
    assert f"{trusted['lab'].url}/artifactory/{KEY}" not in _urls(trusted["us-east"])
    found = trusted["lab"].repository(KEY)
    assert found is not None and "artifactory-estate" not in found["notes"]
    assert _urls(trusted["lab"]) == {f"{trusted['lab'].url}/artifactory/{KEY}"}
    assert trusted["lab"].digest(KEY, "a/one.bin") == sent


def test_a_repository_that_holds_artifacts_goes_only_with_the_word(
    trusted: dict[str, Running], declare: Declare
) -> None:
    both = {KEY: {"package_type": "generic"}, "other-federated": {"package_type": "generic"}}
    first = declare(both)
    observed = FEDERATION.create(first)
    trusted["lab"].upload(KEY, "a/one.bin", b"one")
    only = declare({"other-federated": both["other-federated"]})
    with pytest.raises(Refused, match="lab holds 1 artifact"):
        FEDERATION.update(first, only, observed)
    allowed = declare({**both, KEY: {"package_type": "generic", "allow_delete": True}})
    FEDERATION.update(first, allowed, observed)
    assert FEDERATION.update(allowed, only, observed).pending == ()
    assert all(site.repository(KEY) is None for site in trusted.values())
    FEDERATION.delete(only, observed)
    assert all(site.repository("other-federated") is None for site in trusted.values())


def test_read_shows_drift_and_what_is_gone(trusted: dict[str, Running], declare: Declare) -> None:
    wanted = declare({KEY: {"package_type": "generic", "description": "ours"}})
    observed = FEDERATION.create(wanted)
    assert FEDERATION.read(wanted, observed) == (wanted, observed)
    change = {"key": KEY, "rclass": "federated", "packageType": "generic", "description": "theirs"}
    trusted["eu-west"].platform.request("POST", f"/artifactory/api/repositories/{KEY}", body=change)
    found = FEDERATION.read(wanted, observed)
    assert found is not None and '"description":"theirs"' in found[0].repositories[KEY]
    FEDERATION.delete(wanted, observed)
    assert FEDERATION.read(wanted, observed) is None
