"""Downloads that go straight to the object store (2.7, configuration files 1.13)."""

from collections.abc import Iterator

import pytest

from tests.platform.running import Bare


@pytest.fixture(scope="module", autouse=True)
def _signing(platform: Bare) -> Iterator[None]:
    platform.platform.binaries.signed = lambda sha1, name, seconds: f"http://store.example/{sha1}/{name}?for={seconds}"
    platform.make("direct", downloadRedirect=True, signedUrlTtl=77)
    platform.make("plain")
    for key in ("direct", "plain"):
        platform.put(f"{key}/a.txt", b"redirected")
    yield
    platform.platform.binaries.signed = None


@pytest.mark.parametrize(
    ("repo", "header", "status"),
    [("direct", "", 302), ("direct", "None", 200), ("direct", "S3", 302), ("plain", "", 200), ("plain", "S3", 302)],
)
def test_a_repository_or_a_request_asks_for_the_redirect(platform: Bare, repo: str, header: str, status: int) -> None:
    answer = platform.get(f"{repo}/a.txt", headers={"X-JFrog-Download-Redirect-To": header}, allow_redirects=False)
    assert answer.status_code == status
    if status == 302:
        assert answer.headers["Location"].startswith("http://store.example/")
        assert answer.headers["Location"].endswith("?for=77" if repo == "direct" else "?for=90")


def test_a_head_is_answered_here_and_a_redirect_is_counted(platform: Bare) -> None:
    assert platform("HEAD", "/artifactory/direct/a.txt", allow_redirects=False).status_code == 200
    platform.put("direct/counted.txt", b"counted")
    platform.get("direct/counted.txt", allow_redirects=False)
    assert platform.api("GET", "storage/direct/counted.txt?stats").json()["downloadCount"] == 1
