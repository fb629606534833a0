from pathlib import Path

import pytest

from artifactory_estate.base import Refused
from artifactory_estate.rest import Connection
from artifactory_estate.rest.licences import LicenceRefused
from artifactory_estate.site.licence_supply import LicenceSupply, LicenceSupplyDeclaration
from artifactory_estate.site.lifecycle import LicencesDeclaration, LicencesLifecycle, LicencesObservation
from tests.support.wire import Wire
from tests.unit.site_lifecycles.fake_node import API, FakeNode

GET, POST, DELETE = (f"{verb} {API}/licenses" for verb in ("GET", "POST", "DELETE"))
EMPTY = LicencesObservation()
lifecycle = LicencesLifecycle()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "licences.txt"
    path.write_text("first\nlicence\n\n\nsecond\nlicence\n")
    return path


@pytest.fixture
def declared(connection: Connection, file: Path) -> LicencesDeclaration:
    return LicencesDeclaration(connection=connection, pool=f"file:{file}", nodes=2)


def test_only_the_missing_are_installed(server: Wire, node: FakeNode, declared: LicencesDeclaration) -> None:
    node.pool[node.name("first\nlicence")] = "first\nlicence"
    observed = lifecycle.create(declared)
    assert server.calls == [GET, POST, GET]
    assert server.seen[1].json == [{"licenseKey": "second\nlicence"}]
    assert set(observed.ours) == set(node.pool)
    assert {(one.type, one.valid_through, one.expired) for one in observed.licences} == {
        ("Enterprise Plus", "Jan 31, 2030", False)
    }
    server.seen.clear()
    assert lifecycle.create(declared) == observed
    assert lifecycle.update(declared, declared, observed) == observed
    assert lifecycle.read(declared, observed) == (declared, observed)
    assert server.calls == [GET] * 3


def test_a_licence_taken_out_is_pending_and_put_back(node: FakeNode, declared: LicencesDeclaration) -> None:
    observed = lifecycle.create(declared)
    name, _ = node.pool.popitem()
    _, seen = lifecycle.read(declared, observed)
    assert seen.pending == (f"licence {name} is not installed",)
    assert lifecycle.update(declared, declared, seen) == observed
    assert name in node.pool


def test_a_renewed_pool_replaces_ours_and_leaves_others(
    server: Wire, node: FakeNode, declared: LicencesDeclaration, file: Path
) -> None:
    node.pool["somebody"] = "else's"
    observed = lifecycle.create(declared)
    assert len(observed.licences) == 3
    file.write_text("second\r\nlicence\r\n\r\nthird\r\nlicence")
    _, seen = lifecycle.read(declared, observed)
    assert seen.pending == (f"the licences behind {declared.pool} have changed",)
    after = lifecycle.update(declared, declared, seen)
    assert sorted(node.pool.values()) == ["else's", "second\nlicence", "third\nlicence"]
    assert (after.pending, len(after.ours)) == ((), 2)
    assert server.calls[-5:] == [GET, POST, GET, DELETE, GET]


def test_one_in_use_that_cannot_be_swapped_stays_and_is_pending(
    node: FakeNode, declared: LicencesDeclaration, file: Path
) -> None:
    observed = lifecycle.create(declared)
    file.write_text("second\nlicence\n\nthird\nlicence")
    node.in_use = {"first\nlicence", "second\nlicence", "third\nlicence"}
    after = lifecycle.update(declared, declared, observed)
    assert "could not find an available license" in after.pending[0]
    assert "first\nlicence" in node.pool.values()


@pytest.mark.parametrize(
    ("text", "nodes", "words"),
    [
        ("one\n\none\n\ntwo", 2, "licence 2 stands there twice"),
        ("one", 2, "1 licence for 2 nodes"),
        ("one\n\none", 2, "1 licence for 2 nodes"),
        (" \n\n", 1, "0 licences for 1 nodes"),
    ],
)
def test_a_pool_that_cannot_do_is_refused_before_any_request(
    server: Wire, declared: LicencesDeclaration, file: Path, text: str, nodes: int, words: str
) -> None:
    file.write_text(text)
    asked = declared.model_copy(update={"nodes": nodes})
    with pytest.raises(Refused, match=rf"sites.us-east.licences: .*{words}"):
        lifecycle.create(asked)
    assert lifecycle.preflight(None, asked)
    assert server.seen == []


def test_enough_is_not_refused(declared: LicencesDeclaration) -> None:
    assert lifecycle.preflight(None, declared) == ()


def test_a_bad_licence_is_named_by_its_place(declared: LicencesDeclaration, file: Path) -> None:
    file.write_text("first\nlicence\n\nbad\nlicence-text")
    with pytest.raises(LicenceRefused, match=r"licence \d: Invalid Artifactory license") as caught:
        lifecycle.create(declared)
    assert "licence-text" not in str(caught.value)


def test_another_way_of_naming_licences_is_survived(
    server: Wire, node: FakeNode, declared: LicencesDeclaration, file: Path
) -> None:
    node.names_by_another_hash = True
    observed = lifecycle.create(declared)
    assert set(observed.ours) == set(node.pool)
    assert lifecycle.create(declared) == observed
    assert lifecycle.read(declared, observed) == (declared, observed)
    file.write_text("second\nlicence\n\nthird\nlicence")
    lifecycle.update(declared, declared, observed)
    assert len(node.pool) == 3
    assert DELETE not in server.calls


def test_nothing_of_a_licence_is_kept(declared: LicencesDeclaration) -> None:
    kept = str((declared.to_data(), lifecycle.create(declared).to_data()))
    assert "first" not in kept
    assert "second" not in kept


def test_an_unreadable_pool_stops_neither_refresh_nor_delete(declared: LicencesDeclaration, file: Path) -> None:
    observed = lifecycle.create(declared)
    file.unlink()
    assert lifecycle.read(declared, observed)[1].pending[0].startswith("licences cannot be compared: file:")
    lifecycle.delete(declared, observed)


def test_an_unavailable_site_is_left_alone(server: Wire, declared: LicencesDeclaration) -> None:
    away = declared.model_copy(update={"connection": declared.connection.model_copy(update={"available": False})})
    observed = lifecycle.create(away)
    assert observed.pending == ("us-east is not available",)
    assert lifecycle.read(away, observed) == (away, observed)
    assert server.seen == []


def test_a_list_of_references_is_one_pool(node: FakeNode, declared: LicencesDeclaration, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a", "b")]
    for file in files:
        file.write_text(f"licence\nof {file.name}\n")
    listed = declared.model_copy(update={"pool": tuple(f"file:{file}" for file in files)})
    observed = lifecycle.create(listed)
    assert sorted(node.pool.values()) == ["licence\nof a", "licence\nof b"]
    files[1].write_text("licence\nof c")
    assert "have changed" in lifecycle.read(listed, observed)[1].pending[0]


def test_a_new_licence_is_in_the_pool_before_the_node_that_needs_it(
    server: Wire, node: FakeNode, connection: Connection, file: Path
) -> None:
    two = LicenceSupplyDeclaration(connection=connection, references=(f"file:{file}",), nodes=2)
    observed = LicenceSupply().create(two)
    assert (observed.count, server.seen) == (2, [])
    file.write_text("first\nlicence\n\nsecond\nlicence\n\nthird\nlicence")
    three = two.model_copy(update={"nodes": 3})
    assert LicenceSupply().update(two, three, observed).count == 3
    assert "third\nlicence" in node.pool.values()


def test_a_site_that_does_not_answer_gets_its_licences_with_the_next_run(
    connection: Connection, file: Path, tmp_path: Path
) -> None:
    (tmp_path / "token").unlink(missing_ok=True)
    two = LicenceSupplyDeclaration(connection=connection, references=(f"file:{file}",), nodes=2)
    seen = LicenceSupply().update(two, two, LicenceSupply().create(two))
    assert seen.pending[0].startswith("licences are not in the pool yet: file:")


def test_one_licence_short_of_a_surge_is_refused(connection: Connection, file: Path) -> None:
    asked = LicenceSupplyDeclaration(connection=connection, references=(f"file:{file}",), nodes=2, surge=True)
    with pytest.raises(Refused, match=r"2 licences for 2 nodes, with nodes\.refresh: surge"):
        LicenceSupply().create(asked)


def test_an_expired_licence_is_looked_after(node: FakeNode, declared: LicencesDeclaration) -> None:
    observed = lifecycle.create(declared)
    node.expired = {"second\nlicence"}
    name = node.name("second\nlicence")
    assert lifecycle.read(declared, observed)[1].pending == (f"licence {name} has expired",)
    assert lifecycle.update(declared, declared, observed).pending[0].startswith(f"licence {name[:8]}, Enterprise Plus")
