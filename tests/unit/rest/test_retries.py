from collections.abc import Callable

import pytest

from artifactory_estate.rest import Answered, Connection, Forbidden, Platform, ServerFailed, Unauthorized, Unreachable
from tests.support.wire import Dropped, Reply, Seen, Wire, in_turn

BUSY = Reply(503, {"errors": [{"status": 503, "message": "starting"}]})


@pytest.mark.parametrize(
    ("method", "reply", "calls"),
    [
        ("GET", BUSY, 5),
        ("HEAD", Reply(502), 5),
        ("PUT", Reply(504), 5),
        ("DELETE", BUSY, 5),
        ("POST", BUSY, 1),
        ("PATCH", BUSY, 1),
        ("POST", Reply(429), 5),
        ("GET", Reply(500), 1),
        ("GET", Reply(403), 1),
        ("PUT", Reply(400), 1),
        ("POST", Reply(500, "Could not merge and save new descriptor"), 5),
        ("GET", Dropped, 5),
        ("PUT", Dropped, 5),
        ("POST", Dropped, 1),
    ],
)
def test_how_often_a_call_is_made(
    server: Wire, platform: Platform, method: str, reply: Reply | type[Dropped], calls: int
) -> None:
    server.answer = in_turn(reply)
    with pytest.raises((Answered, Unreachable)):
        platform.request(method, "/x")
    assert server.calls == [f"{method} /x"] * calls


@pytest.mark.parametrize(("repeatable", "method", "calls"), [(True, "POST", 5), (False, "PUT", 1)])
def test_the_caller_knows_better(server: Wire, platform: Platform, repeatable: bool, method: str, calls: int) -> None:
    server.answer = in_turn(BUSY)
    with pytest.raises(ServerFailed, match=r"lab: .* answered 503: starting"):
        platform.request(method, "/x", repeatable=repeatable)
    assert len(server.seen) == calls


def test_pauses_grow_stay_bounded_and_differ(server: Wire, platform: Platform, naps: list[float]) -> None:
    server.answer = in_turn(BUSY)
    for _ in range(10):
        with pytest.raises(ServerFailed):
            platform.request("GET", "/x")
    assert len(naps) == 40
    assert len(set(naps)) > 30
    assert all(0 <= nap <= 0.3 * 2 ** (index % 4) for index, nap in enumerate(naps))


def test_a_success_ends_it(server: Wire, platform: Platform, naps: list[float]) -> None:
    server.answer = in_turn(BUSY, BUSY, Reply(body={"fine": True}))
    assert platform.get_json("/x") == {"fine": True}
    assert len(naps) == 2


class Guarded:
    """Lets one token in."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, seen: Seen) -> Reply:
        fine = seen.headers["Authorization"] == f"Bearer {self.token}"
        return Reply(body="OK") if fine else Reply(401, {"errors": [{"status": 401, "message": "Bad credentials"}]})


@pytest.fixture
def rotating(server: Wire) -> tuple[dict[str, str], Callable[[], Platform]]:
    values = {"env:TOKEN": "first-token"}
    asked = values.__getitem__
    return values, lambda: Platform(Connection(site="lab", url=server.url, token="env:TOKEN"), asked, lambda _: None)


def test_a_rotated_token_is_read_again_once(
    server: Wire, rotating: tuple[dict[str, str], Callable[[], Platform]]
) -> None:
    values, make = rotating
    guard = server.answer = Guarded("first-token")
    platform = make()
    platform.request("POST", "/x")
    guard.token = values["env:TOKEN"] = "second-token"
    platform.request("POST", "/x")
    assert len(server.seen) == 3
    guard.token = "third-token"  # at the server only
    with pytest.raises(Unauthorized, match="Bad credentials"):
        platform.request("POST", "/x")
    assert len(server.seen) == 4


def test_wrong_credentials_are_sent_once(server: Wire, rotating: tuple[dict[str, str], Callable[[], Platform]]) -> None:
    server.answer = Guarded("another")
    with pytest.raises(Unauthorized):
        rotating[1]().request("GET", "/x")
    assert len(server.seen) == 1


def test_accepted_status_is_an_answer(server: Wire, platform: Platform) -> None:
    server.answer = in_turn(BUSY)
    assert platform.request("GET", "/x", accept=(503,)).status_code == 503
    server.answer = in_turn(Reply(403))
    with pytest.raises(Forbidden):
        platform.request("GET", "/x", accept=(503,))
    assert len(server.seen) == 2
