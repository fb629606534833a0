import pytest

from artifactory_estate.rest import BadAnswer, Platform, ServerFailed, system
from artifactory_estate.rest.system import Node, Version
from tests.support.wire import Reply, Wire, in_turn

XML = (
    '<?xml version="1.0" encoding="UTF-8"?><config xmlns="http://artifactory.jfrog.org/xsd/3.1.0">'
    "<serverName>lab</serverName>{}<backups><backup><urlBase>not this one</urlBase></backup></backups></config>"
)


@pytest.mark.parametrize(
    ("text", "version"),
    [("7.111.4", (7, 111, 4)), ("7.84", (7, 84, 0)), (" 7.104.2-SNAPSHOT\n", (7, 104, 2)), ("6.20.0", (6, 20, 0))],
)
def test_version_is_parsed(text: str, version: tuple[int, int, int]) -> None:
    assert Version.parse(text) == version


def test_versions_compare_as_numbers() -> None:
    texts = ["7.84.3", "7.104.2", "7.9.0", "8.0.0", "7.84.10"]
    ordered = sorted(map(Version.parse, texts))
    assert [str(version) for version in ordered] == ["7.9.0", "7.84.3", "7.84.10", "7.104.2", "8.0.0"]


@pytest.mark.parametrize("text", ["", "latest", "7"])
def test_what_is_not_a_version(text: str) -> None:
    with pytest.raises(ValueError, match="is not a version"):
        Version.parse(text)


def test_version_is_asked_once(server: Wire, platform: Platform) -> None:
    server.answer = in_turn(Reply(body={"version": "7.111.4", "revision": "81110400"}))
    assert system.version(platform) == system.version(platform) == (7, 111, 4)
    assert server.calls == ["GET /artifactory/api/system/version"]


@pytest.mark.parametrize("body", [{}, [], {"version": "none"}, {"version": None}, "7.1.1"])
def test_another_server_has_no_version(server: Wire, platform: Platform, body: object) -> None:
    server.answer = in_turn(Reply(body=f'"{body}"' if isinstance(body, str) else body))
    with pytest.raises(BadAnswer, match="this is not Artifactory"):
        system.version(platform)


def test_ping(server: Wire, platform: Platform) -> None:
    server.answer = in_turn(Reply(body="OK"))
    assert system.is_alive(platform)
    server.answer = in_turn(Reply(503, "Server state is offline"))
    assert not system.is_alive(platform)
    with pytest.raises(ServerFailed, match="Server state is offline"):
        system.ping(platform)
    server.answer = in_turn(Reply(body="<html>Welcome to nginx</html>"))
    with pytest.raises(BadAnswer):
        system.ping(platform)


def test_router_tells_every_service_also_with_503(server: Wire, platform: Platform) -> None:
    service = {"service_id": "jfrt@01", "node_id": "n1", "state": "UNHEALTHY", "message": "no licence"}
    server.answer = in_turn(Reply(503, {"router": {"state": "UNHEALTHY"}, "services": [service]}))
    assert system.router_health(platform) == (("jfrt@01", "n1", "UNHEALTHY", "no licence"),)
    assert len(server.seen) == 1


def test_nodes(server: Wire, platform: Platform) -> None:
    server.answer = in_turn(
        Reply(
            body={"isHa": True, "nodes": [{"id": "n1", "state": "RUNNING", "version": "7.111.4", "licenceHash": "ab"}]}
        )
    )
    assert system.nodes(platform) == (Node("n1", "RUNNING", "7.111.4"),)
    server.answer = in_turn(Reply(body={"isHa": False}))
    assert system.nodes(platform) == ()


@pytest.mark.parametrize(
    ("element", "url"),
    [("<urlBase>http://a.example/x?a&amp;b</urlBase>", "http://a.example/x?a&b"), ("", ""), ("<urlBase/>", "")],
)
def test_base_url_comes_from_the_descriptor(server: Wire, platform: Platform, element: str, url: str) -> None:
    server.answer = in_turn(Reply(body=XML.format(element)))
    assert system.base_url(platform) == url


def test_base_url_of_something_else(server: Wire, platform: Platform) -> None:
    server.answer = in_turn(Reply(body="<html><br></html>"))
    with pytest.raises(BadAnswer, match="not XML"):
        system.base_url(platform)


def test_base_url_is_set_as_bare_text(server: Wire, platform: Platform) -> None:
    system.set_base_url(platform, "http://a.example")
    assert server.calls == ["PUT /artifactory/api/system/configuration/baseUrl"]
    assert (server.seen[0].body, server.seen[0].headers["Content-Type"]) == (b"http://a.example", "text/plain")


def test_service_id(server: Wire, platform: Platform) -> None:
    server.answer = in_turn(Reply(body="jfrt@01d8e\n"))
    assert system.service_id(platform) == "jfrt@01d8e"
