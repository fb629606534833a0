"""The simulated nginx: what it understands of a configuration, and what it refuses."""

import pytest

from artifactory_estate.load_balancer.render import nginx_conf
from artifactory_sandbox.platform.front import nginx
from artifactory_sandbox.platform.front.served import Refused
from tests.platform import fronted


def through(text: str, path: str) -> tuple[int, dict[str, str], dict[str, str]]:
    """A request through the first port of a file."""
    return fronted.through(nginx.parse(text)[0], path)


def test_our_configuration_sends_artifactory_straight_and_the_rest_to_the_router() -> None:
    conf = nginx_conf("https://repo.acme.example")
    assert nginx.parse(conf)[0].port == 8000
    port, headers, _ = through(conf, "/artifactory/api/system/ping")
    assert port == 8081
    assert headers["x-jfrog-override-base-url"] == "https://us.example:8000"
    assert headers["host"] == "us.example:8000"
    assert headers["x-forwarded-for"] == "10.0.0.9"
    assert "connection" not in headers
    assert through(conf, "/access/api/v1/system/ping")[0] == 8082
    status, _, answered = through(conf, "/")
    assert (status, answered["location"]) == (302, "https://us.example:8000/ui/")


def server(text: str) -> str:
    return f"server {{ listen 8000; {text} }}"


PASS = "location / { proxy_pass http://127.0.0.1:8082; }"


@pytest.mark.parametrize(
    ("path", "port"),
    [("/x/exact", 8081), ("/x/exact/more", 8082), ("/x/pinned/a.jar", 8082), ("/x/a.jar", 8081), ("/x/a.txt", 8082)],
)
def test_locations_are_chosen_in_nginxs_order(path: str, port: int) -> None:
    text = server(
        "location / { proxy_pass http://127.0.0.1:8082; }"
        "location = /x/exact { proxy_pass http://127.0.0.1:8081; }"
        "location ^~ /x/pinned/ { proxy_pass http://127.0.0.1:8082; }"
        r"location ~ \.jar$ { proxy_pass http://127.0.0.1:8081; }"
    )
    assert through(text, path)[0] == port


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no server block"),
        (server("nonsense on;" + PASS), 'unknown directive "nonsense"'),
        (server("if ($host) { return 404; }" + PASS), 'unknown directive "if"'),
        (server("location / { proxy_pass http://127.0.0.1:8082 }"), 'unexpected "}"'),
        (server(PASS) + "}", 'unexpected "}"'),
        ("server { listen 8000;", "unexpected end of file"),
        (server("location / { proxy_pass http://nowhere; }"), 'host not found in upstream "nowhere"'),
        (server("location / { proxy_pass http://10.0.0.1:8082; }"), "reaches its own node only"),
        (server("location / { proxy_pass http://127.0.0.1:8082/other; }"), "with a path is not simulated"),
        (server("proxy_set_header X $nonsense;" + PASS), 'unknown "nonsense" variable'),
        (server("location / { proxy_buffering off; }"), "neither passes on nor returns"),
        (server("location % / { return 404; }"), "invalid location modifier"),
        (server("location / { proxy_pass; }"), "invalid number of arguments"),
    ],
)
def test_what_it_does_not_understand_is_refused(text: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        nginx.parse(text)
    assert reason in str(refused.value)
