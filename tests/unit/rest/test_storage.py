"""Balancing, garbage collection, checksum replication, with the answers of REST reference 1.7."""

from pathlib import Path

import pytest

from artifactory_estate.base import Observation
from artifactory_estate.filestore.lifecycle import ChecksumTrust, ChecksumTrustDeclaration
from artifactory_estate.rest import Connection, Platform, storage
from artifactory_estate.rest.errors import Invalid
from tests.support.wire import Reply, Wire, in_turn

CHECKSUMS = "/artifactory/api/config/storage/checksumReplication"


@pytest.mark.parametrize(
    ("status", "word"), [(202, "started"), (409, "running already"), (200, "with the next garbage collection")]
)
def test_balancing_begins_as_the_version_does_it(server: Wire, platform: Platform, status: int, word: str) -> None:
    server.answer = in_turn(Reply(status))
    assert storage.optimize(platform) == word
    assert server.calls == ["POST /artifactory/api/system/storage/optimize"]


def test_what_cannot_be_balanced_is_said(server: Wire, platform: Platform) -> None:
    server.answer = in_turn(Reply(412, "Precondition failed"))
    with pytest.raises(Invalid, match="412"):
        storage.optimize(platform)


def test_trust_in_checksums_is_set_seen_and_taken_back(server: Wire, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t")
    connection = Connection(site="us-west", url=server.url, token=f"file:{tmp_path / 'token'}")
    declared, lifecycle = ChecksumTrustDeclaration(connection=connection, days=3), ChecksumTrust()
    server.answer = in_turn(
        Reply(),
        Reply(body={"checkBinaryExistenceAllowed": True, "trustUntil": 0}),
        Reply(body={"checkBinaryExistenceAllowed": False}),
        Reply(),
    )
    assert lifecycle.create(declared) == Observation()
    assert lifecycle.read(declared, Observation()) == (declared, Observation())
    assert lifecycle.read(declared, Observation()) is None
    lifecycle.delete(declared, Observation())
    assert server.calls == [f"PUT {CHECKSUMS}", f"GET {CHECKSUMS}", f"GET {CHECKSUMS}", f"PUT {CHECKSUMS}"]
    assert [each.json for each in server.seen if each.method == "PUT"] == [
        {"checkBinaryExistenceAllowed": True, "daysToTrust": 3},
        {"checkBinaryExistenceAllowed": False, "daysToTrust": 0},
    ]


def test_a_site_that_is_away_waits(server: Wire) -> None:
    connection = Connection(site="us-west", url=server.url, token="env:TOKEN", available=False)
    declared = ChecksumTrustDeclaration(connection=connection, days=0)
    assert ChecksumTrust().create(declared).pending == ("us-west is not available",)
    ChecksumTrust().delete(declared, Observation())
    assert server.seen == []
