"""The tokens by which a pair's sites send: said when they come near their end, renewed by the next run."""

from datetime import UTC, datetime, timedelta

from artifactory_estate.disaster_recovery import evidence
from artifactory_estate.disaster_recovery.declared import DeclaredPair
from artifactory_estate.disaster_recovery.lifecycle import DisasterRecoveryLifecycle
from artifactory_estate.rest import tokens
from artifactory_estate.rest.tokens import KnownToken
from tests.clients.disaster_recovery.conftest import Declare
from tests.clients.running import Running, until

PAIR = DisasterRecoveryLifecycle()


def _pending(declared: DeclaredPair) -> tuple[str, ...]:
    found = PAIR.read(declared, PAIR.observed())
    assert found is not None
    return tuple(found[1].pending)


def _token(target: Running) -> KnownToken:
    (token,) = [one for one in tokens.known(target.platform) if "lets us-east send to us-west." in one.description]
    return token


def _made_days_ago(target: Running, declared: DeclaredPair, days: int) -> KnownToken:
    """A pair whose token is that old: the target's clock was behind when it was made."""
    target.fault("clock", skew=-days * 86400)
    PAIR.create(declared)
    target.fault("heal")
    return _token(target)


def test_a_token_near_its_end_is_pending_and_renewed(master: Running, target: Running, declare: Declare) -> None:
    master.make_local("libs-local")
    declared = declare()
    old = _made_days_ago(target, declared, 310)
    said = f"the token by which us-east sends to us-west ends on {old.expires:%Y-%m-%d}: renew it"
    before = master.writes, target.writes
    assert _pending(declared) == (said,)
    assert list(evidence.observe(declared).notes) == [f"{said} by `pulumi refresh -s dr-east`, then `estate up`"]
    assert (master.writes, target.writes) == before

    assert PAIR.update(declared, declared, PAIR.observed(pending=(said,))).pending == ()
    new = _token(target)
    assert new.id != old.id
    assert new.expires is not None and new.expires > datetime.now(UTC) + timedelta(days=360)
    stored = master.upload("libs-local", "a/one.bin", b"one" * 1000)
    until(lambda: target.digest("libs-local", "a/one.bin") == stored, "an artifact to arrive by the new token")
    assert _pending(declared) == () and not evidence.observe(declared).notes
    before = master.writes, target.writes
    PAIR.update(declared, declared, PAIR.observed())
    assert (master.writes, target.writes) == before


def test_a_token_with_time_left_is_left_alone(master: Running, target: Running, declare: Declare) -> None:
    master.make_local("libs-local")
    declared = declare()
    old = _made_days_ago(target, declared, 300)
    assert _pending(declared) == () and not evidence.observe(declared).notes
    PAIR.update(declared, declared, PAIR.observed())
    assert _token(target) == old


def test_a_token_that_is_gone_is_pending_and_made_again(master: Running, target: Running, declare: Declare) -> None:
    master.make_local("libs-local")
    declared = declare()
    PAIR.create(declared)
    tokens.revoke(target.platform, _token(target).id)
    said = "the token by which us-east sends to us-west is gone: renew it"
    assert _pending(declared) == (said,)
    PAIR.update(declared, declared, PAIR.observed(pending=(said,)))
    stored = master.upload("libs-local", "a/one.bin", b"one" * 1000)
    until(lambda: target.digest("libs-local", "a/one.bin") == stored, "an artifact to arrive by the new token")
    assert _pending(declared) == ()
