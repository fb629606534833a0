"""A standby whose bucket is a copy: the pair sends it no binary that it has already (REST reference 1.7)."""

from dataclasses import replace

from artifactory_estate.disaster_recovery.lifecycle import DisasterRecoveryLifecycle
from artifactory_estate.rest import replications, storage
from tests.clients.disaster_recovery.conftest import Declare
from tests.clients.running import Running, until

PAIR = DisasterRecoveryLifecycle()


def _asks(site: Running) -> dict[str, bool]:
    return {entry.repository: entry.check_existence for entry in replications.read_all(site.platform)}


def test_only_the_side_that_trusts_checksums_is_asked_and_a_change_of_it_is_mended(
    master: Running, target: Running, declare: Declare
) -> None:
    master.make_local("libs-local")
    storage.trust_checksums(target.platform, allowed=True, days=0)
    declared = declare(trusting=("us-west",))
    PAIR.create(declared)
    asks = _asks(master)
    assert "libs-local" in asks and set(asks.values()) == {True}
    assert set(_asks(target).values()) == {False}
    sent = master.upload("libs-local", "a/one.bin", b"one" * 1000)
    until(lambda: target.digest("libs-local", "a/one.bin") == sent, "the artifact")

    (entry,) = (each for each in replications.read_all(master.platform) if each.repository == "libs-local")
    replications.write_push(master.platform, replace(entry, check_existence=False), None, [entry])
    found = PAIR.read(declared, PAIR.observed())
    assert found is not None
    assert found[1].pending == ("libs-local is sent to us-west without a look at its filestore",)
    PAIR.update(declared, declared, found[1])
    assert _asks(master) == asks
    before = master.writes
    PAIR.update(declared, declared, PAIR.observed())
    assert master.writes == before
