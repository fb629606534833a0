"""A run that is killed after any of its writes is finished by the next."""

from artifactory_estate.cloud import journal
from artifactory_estate.cloud.journal import Place
from artifactory_estate.disaster_recovery import evidence
from artifactory_estate.disaster_recovery.lifecycle import DisasterRecoveryLifecycle
from artifactory_estate.rest import replications
from tests.clients.disaster_recovery.conftest import Declare
from tests.clients.running import Running, finished_despite_kills, until

PAIR = DisasterRecoveryLifecycle()


def never_run(site: Running) -> list[str]:
    entries = replications.read_all(site.platform)
    words = {one.repository: replications.status(site.platform, one.repository, one.url).word for one in entries}
    return [key for key, word in words.items() if word == "never_run"]


def test_first_run_and_failover(master: Running, target: Running, declare: Declare, buckets: dict[str, Place]) -> None:
    master.make_local("libs-local")
    master.make_local("more-local")
    stored = master.upload("libs-local", "a/one.bin", b"one" * 1000)
    first = declare()
    observed, kills = finished_despite_kills(lambda: PAIR.create(first))
    assert kills >= 6  # two journals, definitions, tokens, and entries in both directions
    assert observed.pending == ()
    until(lambda: target.digest("libs-local", "a/one.bin") == stored, "the artifact to arrive")

    def proven() -> bool:
        look = evidence.observe(first, nudge=True).look
        return look is not None and look.proven

    until(proven, "the pair to be proven", 60)
    before = master.writes, target.writes
    PAIR.update(first, first, observed)
    assert (master.writes, target.writes) == before
    over = declare(serving="us-west", epoch=2)
    moved, kills = finished_despite_kills(lambda: PAIR.update(first, over, observed))
    assert kills >= 5  # two journals, the fence, block, entries of both directions, tokens
    assert (moved.phase, moved.pending) == ("restoring", ())
    for place in buckets.values():
        entry = journal.read(place, "east").journal
        assert entry is not None and (entry.serving, entry.epoch) == ("us-west", 2)
    assert not any(entry.enabled for entry in replications.read_all(master.platform))
    assert all(entry.enabled for entry in replications.read_all(target.platform))

    def settled() -> bool:
        """What a killed run left without a moment to run at would be started by the next update."""
        evidence.observe(over, nudge=True)
        return not never_run(target)

    until(settled, "the first runs towards the old master")
    before = master.writes, target.writes
    PAIR.update(over, over, moved)
    assert (master.writes, target.writes) == before
