import inspect
import socket

import pytest
from requests import exceptions as theirs

from artifactory_estate.rest import BadAnswer, BadCall, Connection, NotSent, Platform, Unreachable, Untrusted
from artifactory_estate.rest.failures import TABLE, class_of, failure
from tests.support.wire import Dropped, Reply, Wire, in_turn

CLASSES = [
    cls
    for _, cls in inspect.getmembers(theirs, inspect.isclass)
    if issubclass(cls, theirs.RequestException) and cls.__module__.startswith("requests")
]


@pytest.mark.parametrize("cls", CLASSES)
def test_every_exception_of_requests_has_its_own_entry(cls: type[Exception]) -> None:
    assert cls in TABLE


def test_the_most_specific_entry_wins() -> None:
    class Newer(theirs.ConnectTimeout):
        pass

    assert class_of(Newer()) is NotSent
    assert class_of(theirs.ConnectionError()) is Unreachable
    assert class_of(theirs.InvalidProxyURL()) is BadCall


def test_a_bad_certificate_is_not_repeated_but_a_broken_handshake_may_be() -> None:
    bad = failure(theirs.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"), "lab", "GET /", "https://lab")
    assert type(bad) is Untrusted
    assert "ca_bundle" in str(bad)
    assert type(failure(theirs.SSLError("EOF occurred"), "lab", "GET /", "https://lab")) is Unreachable


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def platform_at(url: str, naps: list[float], **more: str) -> Platform:
    return Platform(Connection(site="lab", url=url, token="env:T", **more), lambda _: "a-token", naps.append)


def test_refused_connection_was_not_sent_and_says_why(naps: list[float]) -> None:
    with pytest.raises(NotSent, match=r"lab: POST /x got no answer from http://127.0.0.1:.*Connection refused"):
        platform_at(f"http://127.0.0.1:{closed_port()}", naps).request("POST", "/x")
    assert len(naps) == 4


def test_refused_by_the_proxy_was_not_sent(naps: list[float]) -> None:
    with pytest.raises(NotSent):
        platform_at("http://lab.example", naps, proxy=f"http://127.0.0.1:{closed_port()}").request("POST", "/x")


def test_unknown_bundle_and_malformed_url_are_bad_calls(naps: list[float]) -> None:
    with pytest.raises(BadCall, match=r"cannot read the CA bundle /no/such\.pem"):
        platform_at("https://127.0.0.1:1", naps, ca_bundle="/no/such.pem").request("GET", "/x")
    with pytest.raises(BadCall, match="InvalidURL"):
        platform_at("http://", naps).request("GET", "/x")
    assert naps == []


def test_half_an_answer_is_unreachable_and_repeated_for_get_only(server: Wire, platform: Platform) -> None:
    server.answer = in_turn(Reply(body="a long body", break_after=3), Reply(body="whole"))
    assert platform.request("GET", "/x").text == "whole"
    server.answer = in_turn(Reply(body="a long body", break_after=3))
    with pytest.raises(Unreachable):
        platform.request("POST", "/y")
    assert server.calls == ["GET /x", "GET /x", "POST /y"]


def test_a_late_answer_times_out(server: Wire, platform: Platform) -> None:
    server.answer = in_turn(Reply(body="late", delay_s=0.6))
    with pytest.raises(Unreachable, match="timed out"):
        platform.request("POST", "/x", timeout_s=0.1)


def test_a_dropped_connection_may_have_been_carried_out(server: Wire, platform: Platform) -> None:
    server.answer = in_turn(Dropped)
    with pytest.raises(Unreachable) as caught:
        platform.request("POST", "/x")
    assert not isinstance(caught.value, NotSent)


def test_a_redirect_is_not_followed_with_our_token(server: Wire, platform: Platform) -> None:
    server.answer = in_turn(Reply(302, headers={"Location": "https://elsewhere.example/login?state=secret"}))
    with pytest.raises(BadAnswer, match=r"a redirect to https://elsewhere.example/login$"):
        platform.request("GET", "/x")
    assert len(server.seen) == 1


def test_an_answer_that_is_not_json_is_a_bad_answer(server: Wire, platform: Platform) -> None:
    server.answer = in_turn(Reply(body="<html>welcome</html>"))
    with pytest.raises(BadAnswer, match="not JSON"):
        platform.get_json("/x")
