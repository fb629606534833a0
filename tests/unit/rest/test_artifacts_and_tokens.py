import json

import pytest

from artifactory_estate.rest import BadAnswer, Platform, ServerFailed, artifacts, tokens
from artifactory_estate.rest.artifacts import Holdings
from tests.support.wire import Reply, Seen, Wire, in_turn


def test_holdings_are_counted_in_one_request_for_a_hundred(server: Wire, platform: Platform) -> None:
    files = [
        {"repo": "r1", "name": "a", "size": 5},
        {"repo": "r1", "name": "b", "size": "7"},
        {"repo": "r3", "name": "c"},
    ]
    server.answer = in_turn(Reply(body={"results": files, "range": {"total": 3}}))
    found = artifacts.all_holdings(platform, [f"r{n}" for n in range(100)])
    assert (found["r1"], found["r3"], found["r0"]) == (Holdings(2, 12), Holdings(1, 0), Holdings(0, 0))
    assert server.calls == ["POST /artifactory/api/search/aql"]
    assert server.seen[0].body.decode().startswith('items.find({"$or":[{"repo":"r0"},{"repo":"r1"}')
    assert server.seen[0].headers["Content-Type"] == "text/plain"
    assert artifacts.all_holdings(platform, []) == {}


def test_one_large_repository_does_not_hide_the_others(server: Wire, platform: Platform) -> None:
    def answer(seen: Seen) -> Reply:
        holds = {"big": 1000, "small": 1}
        asked = json.loads(seen.body.decode().removeprefix("items.find(").partition(").include")[0])
        keys = [one["repo"] for one in asked.get("$or", [asked])]
        files = [{"repo": key, "size": 1} for key in keys for _ in range(holds.get(key, 0))]
        return Reply(body={"results": files[:1000]})

    server.answer = answer
    found = artifacts.all_holdings(platform, ["big", "none", "small"])
    assert found == {"big": Holdings(1000, 1000), "none": Holdings(0, 0), "small": Holdings(1, 1)}
    assert len(server.seen) == 4
    assert artifacts.holdings(platform, "small") == Holdings(1, 1)


@pytest.mark.parametrize(
    ("count", "size", "text"),
    [(0, 0, "0 artifacts, 0 bytes"), (1, 1 << 21, "1 artifact, 2MiB"), (1000, 5, "1000 artifacts or more")],
)
def test_holdings_in_words(count: int, size: int, text: str) -> None:
    assert str(artifacts.Holdings(count, size)) == text


def test_a_token_is_made_once_and_does_not_print(server: Wire, platform: Platform) -> None:
    answer = {"token_id": "id-1", "access_token": "the-value", "expires_in": 3600, "token_type": "Bearer"}
    server.answer = in_turn(Reply(body=answer))
    made = tokens.create(platform, username="admin", scope="applied-permissions/admin", expires_in_s=3600)
    assert (made.id, made.value, made.expires_in_s) == ("id-1", "the-value", 3600)
    assert "the-value" not in repr(made)
    server.answer = in_turn(Reply(503, "busy"))
    with pytest.raises(ServerFailed):
        tokens.create(platform, username="admin", scope="applied-permissions/admin", expires_in_s=3600)
    assert len(server.seen) == 2


def test_an_answer_without_a_token(server: Wire, platform: Platform) -> None:
    server.answer = in_turn(Reply(body={"token_id": "id-1"}))
    with pytest.raises(BadAnswer, match="answered no token"):
        tokens.create(platform, username="admin", scope="applied-permissions/user", expires_in_s=60)


def test_known_and_revoked(server: Wire, platform: Platform) -> None:
    server.answer = in_turn(Reply(body={"tokens": [{"token_id": "t1", "subject": "jfac@1/users/admin"}]}))
    assert tokens.known(platform) == (tokens.KnownToken("t1", "jfac@1/users/admin", ""),)
    server.answer = in_turn(
        Reply(body="Revoked"), Reply(404, {"errors": [{"code": "NOT_FOUND", "message": "unknown"}]})
    )
    assert tokens.revoke(platform, "t1") is True
    assert tokens.revoke(platform, "t1") is False
