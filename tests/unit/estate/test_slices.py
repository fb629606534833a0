import pytest

from artifactory_estate.estate.load import loads
from artifactory_estate.estate.slices import UnknownStack, slice_of, stacks_of
from artifactory_estate.site.outward import others_of, ports_of
from tests.unit.estate.documents import SAMPLE

ESTATE = loads(SAMPLE)


def test_sites_come_first_and_rest_on_nothing() -> None:
    stacks = stacks_of(ESTATE)
    assert [stack.name for stack in stacks] == ["us-east", "us-west", "eu-west", "lab", "federation-shared", "dr-east"]
    assert [stack.depends_on for stack in stacks[:4]] == [()] * 4


@pytest.mark.parametrize(
    ("name", "kind", "sites"),
    [
        ("lab", "site", ("lab",)),
        ("federation-shared", "federation", ("us-east", "eu-west", "lab")),
        ("dr-east", "disaster_recovery", ("us-east", "us-west")),
    ],
)
def test_a_stack_needs_its_own_sites_only(name: str, kind: str, sites: tuple[str, ...]) -> None:
    piece = slice_of(ESTATE, name)
    assert (piece.stack.kind, piece.stack.sites) == (kind, sites)
    assert set(piece.estate.sites) >= set(sites)
    assert kind == "site" or tuple(piece.estate.sites) == tuple(site for site in ESTATE.sites if site in sites)
    assert piece.stack.depends_on == (() if kind == "site" else sites)


def test_what_a_slice_holds() -> None:
    east, west = slice_of(ESTATE, "us-east").estate, slice_of(ESTATE, "us-west").estate
    assert (list(east.federations), list(east.disaster_recovery)) == (["shared"], ["east"])
    assert (list(west.federations), list(west.disaster_recovery)) == ([], ["east"])
    pair = slice_of(ESTATE, "dr-east").estate
    assert (list(pair.federations), list(pair.disaster_recovery)) == ([], ["east"])
    federation = slice_of(ESTATE, "federation-shared").estate
    assert (list(federation.federations), list(federation.disaster_recovery)) == (["shared"], [])
    assert east.sites["us-east"] is ESTATE.sites["us-east"]


def test_a_sites_slice_knows_what_federations_make_there() -> None:
    assert slice_of(ESTATE, "us-east").estate.made_by_federations("us-east") == {"shared-federated": "shared"}
    assert slice_of(ESTATE, "us-west").estate.made_by_federations("us-west") == {}


def test_a_sites_slice_knows_the_other_sites_that_it_sends_to() -> None:
    lab = "http://lab.repo.acme.example"
    estate = loads(SAMPLE.replace(f"url: {lab}", f"url: {lab}:8443", 1))
    east = slice_of(estate, "us-east").estate
    assert others_of(east, "us-east") == [estate.sites[name].url for name in ("eu-west", "lab", "us-west")]
    assert ports_of(estate.managed_sites["us-east"], others_of(east, "us-east")) == [80, 443, 8443]
    west = slice_of(estate, "us-west").estate
    assert (list(west.sites), others_of(west, "us-west")) == (["us-east", "us-west"], [estate.sites["us-east"].url])


def test_a_sites_slice_knows_whose_filestore_is_looked_at_before_sending() -> None:
    trusts = SAMPLE.replace("us-west-2}\n", "us-west-2}\n    filestore: {checksum_replication: 0}\n", 1)
    found = {name: slice_of(loads(trusts), name).estate.looks_before_sending(name) for name in ESTATE.sites}
    assert found == {"us-east": True, "us-west": False, "eu-west": False, "lab": False}


def test_an_unknown_stack_names_those_that_there_are() -> None:
    with pytest.raises(
        UnknownStack,
        match="there is no stack shared; there are us-east, us-west, eu-west, lab, federation-shared, dr-east",
    ):
        slice_of(ESTATE, "shared")


def test_an_estate_without_sites_has_no_stacks() -> None:
    assert stacks_of(loads("{estate: acme, state: {backend: 'file://state'}, sites: {}}")) == []


def test_the_documents_own_trust_is_a_stack_after_its_sites() -> None:
    estate = loads(SAMPLE + "trust: {edges: [{between: [us-west, lab]}]}\n")
    (trust,) = [stack for stack in stacks_of(estate) if stack.name == "trust"]
    assert (trust.kind, trust.depends_on) == ("trust", ("us-west", "lab"))
    assert list(slice_of(estate, "trust").estate.sites) == ["us-west", "lab"]


def test_a_site_that_pushes_needs_the_sites_it_pushes_to() -> None:
    repositories = "\n    repositories: {local: {lab-local: {package_type: generic}}}"
    push = "\n    replications: {push: {lab-local: {cron: 0 0 2 * * ?, targets: [eu-west]}}}"
    text = SAMPLE.replace("  lab:", f"  lab:{repositories}{push}").replace("  eu-west:", f"  eu-west:{repositories}", 1)
    estate = loads(text)
    assert slice_of(estate, "lab").stack.sites == ("lab", "eu-west")
