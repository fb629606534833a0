"""A side that is dead without saying so: it takes the connection and never answers."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from artifactory_estate.cloud import journal
from artifactory_estate.disaster_recovery import evidence
from artifactory_estate.disaster_recovery.lifecycle import DisasterRecoveryLifecycle
from tests.clients.disaster_recovery.conftest import Declare
from tests.clients.running import Running

PAIR = DisasterRecoveryLifecycle()


@pytest.fixture
def silence() -> Iterator[str]:
    """URL of something that listens and says nothing."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=64)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_failover_waits_ten_seconds_for_it_and_no_longer(
    master: Running, target: Running, declare: Declare, silence: str
) -> None:
    first = declare()
    observed = PAIR.create(first)
    assert evidence.observe(first).look is not None
    master.kill()
    silent = master.connection.model_copy(update={"url": silence})
    over = declare(master=silent, serving="us-west", epoch=2, accept_data_loss="a drill")
    began = time.monotonic()
    taken = PAIR.update(declare(master=silent), over, observed)
    assert time.monotonic() - began < 15
    assert taken.phase == "activated"


def test_it_waits_ten_seconds_for_a_bucket_and_no_longer(
    target: Running, declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = journal.read

    def dead_in_us_east_1(place: journal.Place, pair: str) -> journal.Version:
        if place.region == "us-east-1":
            threading.Event().wait(30)
        return read(place, pair)

    first = declare()
    observed = PAIR.create(first)
    monkeypatch.setattr(journal, "read", dead_in_us_east_1)
    over = declare(serving="us-west", epoch=2, accept_data_loss="a drill")
    began = time.monotonic()
    taken = PAIR.update(first, over, observed)
    assert time.monotonic() - began < 20
    assert "the journal of us-east does not answer: nothing within 10 s" in taken.pending
