import base64
import json
import traceback
from pathlib import Path
from urllib.parse import quote

import pytest

from artifactory_estate.base import EstateError
from artifactory_estate.rest import Connection, Platform, RestError
from artifactory_estate.rest.licences import install
from artifactory_estate.rest.repositories import create
from artifactory_estate.rest.said import said
from tests.support.wire import Reply, Seen, Wire, in_turn

PASSWORD = 'p"lan<ted> päss & wörd/1'
UPSTREAM = "upstream-secret"
LICENCE = "bGljZW5jZSBvbmU9\nc2Vjb25kIGxpbmU9\ndGhpcmQ="


def shown(error: BaseException) -> str:
    """All that any log could print of it."""
    return "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error)) + repr(error.__context__)


def echo(seen: Seen) -> Reply:
    """The worst server: tells in its error what it was sent."""
    return Reply(400, f"refused {seen.headers.get('Authorization')} with {seen.body.decode()} <b>!</b>")


def echo_json(seen: Seen) -> Reply:
    given = seen.headers.get("Authorization", "")
    clear = base64.b64decode(given.partition(" ")[2]).decode() if given.startswith("Basic") else given
    return Reply(400, {"errors": [{"status": 400, "message": f"no {clear} / {given} / {quote(clear)}"}]})


@pytest.mark.parametrize("answer", [echo, echo_json])
@pytest.mark.parametrize("basic", [True, False])
def test_credentials_echoed_by_the_server_are_hidden(server: Wire, answer: object, basic: bool) -> None:
    server.answer = answer  # type: ignore[assignment]
    login = {"username": "admin", "password": "env:P"} if basic else {"token": "env:T"}
    value = PASSWORD if basic else "planted-token-77"
    platform = Platform(Connection(site="lab", url=server.url, **login), lambda _: value)
    with pytest.raises(RestError) as caught:
        platform.request("GET", "/x")
    text = shown(caught.value)
    assert "(hidden)" in text
    for form in (value, "wörd", base64.b64encode(f"admin:{value}".encode()).decode(), quote(value)):
        assert form not in text


def test_secrets_of_a_body_are_hidden(server: Wire, platform: Platform) -> None:
    server.answer = echo
    remote = {"key": "lab-generic", "rclass": "remote", "password": UPSTREAM}
    with pytest.raises(RestError, match="lab-generic") as caught:
        create(platform, [remote], hide=[UPSTREAM])
    assert UPSTREAM not in shown(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        {"status": 400, "messages": {LICENCE: f"Invalid Artifactory license. {LICENCE}"}},
        {"status": 400, "messages": {LICENCE.replace("\n", ""): "Invalid Artifactory license."}},
        {"status": 400, "message": f"cannot parse {LICENCE!r}"},
    ],
)
def test_a_licence_that_names_itself_is_hidden(server: Wire, platform: Platform, body: object) -> None:
    server.answer = in_turn(Reply(400, body))
    with pytest.raises(RestError) as caught:
        install(platform, [LICENCE])
    for line in LICENCE.split():
        assert line not in shown(caught.value)


def test_a_token_that_no_header_can_carry_is_refused_without_being_shown(server: Wire) -> None:
    for odd in ("two words", "line\nbreak", "snow☃man"):
        platform = Platform(Connection(site="lab", url=server.url, token="env:T"), lambda _, odd=odd: odd)
        with pytest.raises(EstateError, match="env:T is not a token") as caught:
            platform.request("GET", "/x")
        assert odd not in shown(caught.value)
    assert server.seen == []


def test_trailing_newline_of_a_token_and_a_password_beyond_latin_1_are_fine(server: Wire) -> None:
    Platform(Connection(site="lab", url=server.url, token="env:T"), lambda _: "token\n").request("GET", "/x")
    login = Connection(site="lab", url=server.url, username="admin", password="env:P")
    Platform(login, lambda _: "snow☃man").request("GET", "/x")
    assert server.seen[0].headers["Authorization"] == "Bearer token"
    encoded = server.seen[1].headers["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(encoded).decode() == "admin:snow☃man"


def test_netrc_does_not_replace_our_credentials(
    server: Wire, platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    platform.request("GET", "/x")
    assert server.seen[0].headers["Authorization"].startswith("Bearer ")


def test_a_cookie_is_not_kept(server: Wire, platform: Platform) -> None:
    server.answer = in_turn(Reply(headers={"Set-Cookie": "SESSION=abc"}, body="OK"))
    platform.request("GET", "/x")
    platform.request("GET", "/x")
    assert "Cookie" not in server.seen[1].headers


def test_no_credentials_declared() -> None:
    with pytest.raises(EstateError, match="lab: no credentials"):
        Platform(Connection(site="lab", url="http://127.0.0.1:9"), lambda _: "x").request("GET", "/x")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (json.dumps({"errors": [{"status": 400, "message": "one"}, {"code": "C", "message": "two"}]}), "one; two"),
        (json.dumps({"errors": ["plain"]}), "plain"),
        (json.dumps({"status": 400, "message": "licence text"}), "licence text"),
        (json.dumps({"repoKey": "k", "statusMsg": "Cannot delete repository: 'k'", "success": False}), "Cannot delete repository: 'k'"),
        (json.dumps({"unknown": 1}), '{"unknown": 1}'),
        ("<html><body><h1>502</h1>\n<p>Bad gateway</p></body></html>", "502 Bad gateway"),
        ("", ""),
    ],
)  # fmt: skip
def test_every_error_shape_yields_its_words(body: str, words: str) -> None:
    assert said(body) == words


def test_words_are_cut_after_hiding() -> None:
    secret = "s3cret-value"
    text = "x" * 1995 + secret
    assert said(text, [secret]) == ("x" * 1995 + "(hidden)")[:2000]
