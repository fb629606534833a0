"""A pair from its first run to a failover and back, with platforms that run and bytes that move."""

import time
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from artifactory_estate.base import EstateError, Refused
from artifactory_estate.cloud import journal
from artifactory_estate.cloud.journal import Place
from artifactory_estate.disaster_recovery import evidence
from artifactory_estate.disaster_recovery.declared import DeclaredPair, DeclaredService
from artifactory_estate.disaster_recovery.lifecycle import DisasterRecoveryLifecycle
from artifactory_estate.rest import replications, tokens
from tests.clients.disaster_recovery.conftest import Declare
from tests.clients.running import Running, until

PAIR = DisasterRecoveryLifecycle()


def _protected(declared: DeclaredPair) -> None:
    def proven() -> bool:
        seen = evidence.observe(declared, nudge=True)
        return seen.look is not None and seen.look.proven

    until(proven, "the pair to be proven", 60)


def _said(region: str, site: str) -> float | None:
    """What CloudWatch in a region last heard of a site."""
    now = datetime.now(UTC)
    found = boto3.client("cloudwatch", region_name=region).get_metric_data(
        MetricDataQueries=[
            {
                "Id": "serving",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "ArtifactoryEstate",
                        "MetricName": "Serving",
                        "Dimensions": [
                            {"Name": "Estate", "Value": "acme"},
                            {"Name": "Pair", "Value": "east"},
                            {"Name": "Site", "Value": site},
                        ],
                    },
                    "Period": 60,
                    "Stat": "Minimum",
                },
            }
        ],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=1),
    )["MetricDataResults"][0]["Values"]
    return min(found, default=None)


def test_a_first_run_copies_definitions_and_replicates(master: Running, target: Running, declare: Declare) -> None:
    master.make_local("libs-local", description="ours", notes="mine")
    master.platform.request(
        "PUT",
        "/artifactory/api/repositories/libs",
        body={"key": "libs", "rclass": "virtual", "packageType": "generic", "repositories": ["libs-local"]},
    )
    stored = master.upload("libs-local", "a/one.bin", b"one" * 1000)
    observed = PAIR.create(declare())
    assert (observed.phase, observed.pending) == ("synchronizing", ())
    copy = target.repository("libs-local")
    assert copy is not None and copy["description"] == "ours"
    assert copy["notes"] == "mine [artifactory-estate acme dr-east/east-pair]"
    virtual = target.repository("libs")
    assert virtual is not None and virtual["repositories"] == ["libs-local"]
    until(lambda: target.digest("libs-local", "a/one.bin") == stored, "the artifact to arrive")
    (forth,) = [entry for entry in replications.read_all(master.platform) if entry.repository == "libs-local"]
    (back,) = [entry for entry in replications.read_all(target.platform) if entry.repository == "libs-local"]
    assert forth.enabled and forth.on_event and not forth.sync_deletes and forth.url.startswith(target.url)
    assert not back.enabled and back.url.startswith(master.url)


def test_a_remote_repository_gets_the_password_that_no_server_tells(
    master: Running, target: Running, declare: Declare
) -> None:
    master.make_local("private-local")
    stored = master.upload("private-local", "a/one.bin", b"one" * 1000)
    remote = {
        "key": "lab-generic",
        "rclass": "remote",
        "packageType": "generic",
        "url": f"{master.url}/artifactory/private-local",
        "username": "admin",
        "password": master.token_file.read_text(),
    }
    master.platform.request("PUT", "/artifactory/api/repositories/lab-generic", body=remote)
    PAIR.create(declare(credentials={"lab-generic": f"file:{master.token_file}"}))
    assert target.digest("lab-generic", "a/one.bin") == stored


def test_a_second_run_writes_nothing(master: Running, target: Running, declare: Declare) -> None:
    master.make_local("libs-local")
    declared = declare()
    observed = PAIR.create(declared)
    before = master.writes, target.writes
    again = PAIR.update(declared, declared, observed)
    assert (master.writes, target.writes) == before
    assert again.pending == ()


def test_a_repository_made_later_is_seen_by_refresh_and_taken_in(
    master: Running, target: Running, declare: Declare
) -> None:
    declared = declare()
    observed = PAIR.create(declared)
    master.make_local("late-local")
    found = PAIR.read(declared, observed)
    assert found is not None and found[1].pending == ("late-local is at us-east and not at us-west",)
    assert PAIR.update(declared, declared, found[1]).pending == ()
    assert target.repository("late-local") is not None


def test_a_foreign_repository_of_the_target_is_refused_before_the_first_write(
    master: Running, target: Running, declare: Declare
) -> None:
    master.make_local("libs-local")
    target.make_local("libs-local")
    before = master.writes, target.writes
    with pytest.raises(Refused, match="us-west has a local repository libs-local that the pair did not make"):
        PAIR.create(declare())
    assert (master.writes, target.writes) == before


def test_failover_with_the_master_dead_and_back_again(
    master: Running, target: Running, declare: Declare, buckets: dict[str, Place]
) -> None:
    master.make_local("libs-local")
    service = DeclaredService(name="repo.acme.example", switch="route53")
    first = declare(service=service)
    observed = PAIR.create(first)
    assert observed.traffic == "us-east" and _said("us-west-2", "us-east") == 1
    stored = master.upload("libs-local", "a/one.bin", b"one" * 5000)
    _protected(first)
    assert evidence.observe(first).phase == "protected"
    master.kill()

    over = declare(serving="us-west", epoch=2, service=service)
    began = time.monotonic()
    taken = PAIR.update(first, over, observed)
    assert time.monotonic() - began < 15
    assert taken.traffic == "us-west" and _said("us-west-2", "us-east") == 0 and _said("us-east-1", "us-west") == 1
    assert taken.phase == "activated" and taken.rested_on is not None
    assert any("us-east is not reachable" in why and "must be blocked" in why for why in taken.pending)
    assert target.digest("libs-local", "a/one.bin") == stored
    newer = target.upload("libs-local", "b/two.bin", b"two" * 5000)
    for place in buckets.values():
        entry = journal.read(place, "east").journal
        assert entry is not None and (entry.serving, entry.epoch) == ("us-west", 2)
    assert not [token for token in tokens.known(target.platform) if "lets us-east send to us-west" in token.description]

    with pytest.raises(Refused, match="the document says epoch 1 with us-east serving; the journal says epoch 2"):
        PAIR.update(over, first, taken)

    master.come_back()
    late = master.upload("libs-local", "c/too-late.bin", b"nobody served this")  # its replications are still enabled
    restoring = PAIR.update(over, over, taken)
    assert (restoring.phase, restoring.pending) == ("restoring", ())
    assert replications.blocks(master.platform).push
    until(lambda: master.digest("libs-local", "b/two.bin") == newer, "what the target took meanwhile to come home")
    assert target.digest("libs-local", "c/too-late.bin") is None  # its token had ended before it came back
    assert master.digest("libs-local", "c/too-late.bin") == late  # and nothing deletes what only it has


def test_back_to_the_master_after_a_planned_change(master: Running, target: Running, declare: Declare) -> None:
    master.make_local("libs-local")
    first = declare()
    observed = PAIR.create(first)
    _protected(first)
    over = declare(serving="us-west", epoch=2)
    moved = PAIR.update(first, over, observed)
    assert (moved.phase, moved.pending) == ("restoring", ())
    assert replications.blocks(master.platform).push and not replications.blocks(target.platform).push
    newer = target.upload("libs-local", "b/two.bin", b"two" * 5000)
    target.make_local("made-meanwhile")
    PAIR.update(over, over, moved)
    _protected(over)
    assert master.digest("libs-local", "b/two.bin") == newer

    back = declare(serving="us-east", epoch=3)
    restored = PAIR.update(over, back, moved)
    assert restored.pending == () and restored.rested_on is not None
    assert not replications.blocks(master.platform).push and not replications.blocks(target.platform).push
    assert not any(entry.enabled for entry in replications.read_all(target.platform))
    sent = {entry.repository for entry in replications.read_all(master.platform) if entry.enabled}
    assert sent == {"artifactory-build-info", "libs-local", "made-meanwhile"}
    _protected(back)


def test_without_proof_a_change_is_refused_and_with_the_word_it_is_journalled(
    master: Running, target: Running, declare: Declare, buckets: dict[str, Place]
) -> None:
    master.make_local("libs-local")
    first = declare()
    observed = PAIR.create(first)
    master.kill()
    with pytest.raises(Refused, match="us-east does not answer, and the journal has no proof"):
        PAIR.update(first, declare(serving="us-west", epoch=2), observed)
    PAIR.update(first, declare(serving="us-west", epoch=2, accept_data_loss="the site burnt down"), observed)
    entry = journal.read(buckets["us-west"], "east").journal
    assert entry is not None and entry.reason.startswith("loss accepted: the site burnt down")


def test_evidence_older_than_the_rpo_is_no_proof(
    master: Running, target: Running, declare: Declare, buckets: dict[str, Place]
) -> None:
    first = declare()
    observed = PAIR.create(first)
    version = journal.read(buckets["us-west"], "east")
    assert version.journal is not None
    old = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    proof = journal.Evidence(source="us-east", standby="us-west", at=old, repositories=1)
    journal.write(buckets["us-west"], "east", version.journal.model_copy(update={"evidence": proof}), version)
    master.kill()
    with pytest.raises(Refused, match=r"is 360\ds old .*`objectives.rpo` is 5m"):
        PAIR.update(first, declare(serving="us-west", epoch=2), observed)


def test_a_journal_that_somebody_else_wrote_meanwhile_stops_the_change(
    declare: Declare, buckets: dict[str, Place], master: Running
) -> None:
    PAIR.create(declare())
    stale = journal.read(buckets["us-east"], "east")
    assert stale.journal is not None
    journal.write(buckets["us-east"], "east", stale.journal.model_copy(update={"epoch": 5}), stale)
    with pytest.raises(journal.JournalChanged):
        journal.write(buckets["us-east"], "east", stale.journal, stale)
    with pytest.raises(EstateError, match="the document says epoch 1"):
        PAIR.create(declare())


def test_an_unavailable_site_is_left_alone(master: Running, target: Running, declare: Declare) -> None:
    declared = declare(target=target.connection.model_copy(update={"available": False}))
    before = target.writes
    observed = PAIR.create(declared)
    assert target.writes == before
    assert any(why.startswith("us-west is not available, as the document says") for why in observed.pending)


def test_delete_removes_both_directions_and_the_journals_and_keeps_the_copies(
    master: Running, target: Running, declare: Declare, buckets: dict[str, Place]
) -> None:
    master.make_local("libs-local")
    declared = declare()
    observed = PAIR.create(declared)
    PAIR.delete(declared, observed)
    assert not replications.read_all(master.platform) and not replications.read_all(target.platform)
    assert all(journal.read(place, "east").journal is None for place in buckets.values())
    assert target.repository("libs-local") is not None
    PAIR.delete(declared, observed)
