"""The snippet for the server in front, from what is configured (reference 12.6)."""

import pytest

from tests.platform.running import Bare

SNIPPET = "system/configuration/reverseProxy"
ENTRY = {"serverName": "repo.acme.example", "publicAppContext": "artifactory", "artifactoryServerName": "inner"}


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("nginx", "server_name repo.acme.example;"), ("apache", "ServerName repo.acme.example")],
)
def test_a_snippet_is_of_the_configured_server(platform: Bare, kind: str, wanted: str) -> None:
    made = platform.api("POST", "system/configuration/webServer", json={**ENTRY, "webServerType": kind.upper()})
    assert made.status_code == 201, made.text
    answer = platform.api("GET", f"{SNIPPET}/{kind}")
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, "text/plain")
    assert wanted in answer.text
    assert "http://inner:8081/artifactory/" in answer.text


def test_there_is_no_snippet_of_another_server(platform: Bare) -> None:
    platform.api("POST", "system/configuration/webServer", json={**ENTRY, "webServerType": "APACHE"})
    assert platform.api("GET", f"{SNIPPET}/nginx").status_code == 400
    assert platform.api("GET", f"{SNIPPET}/direct").status_code == 400
