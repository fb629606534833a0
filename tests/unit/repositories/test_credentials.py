from pathlib import Path

import pytest

from artifactory_estate.cloud.secrets import SecretUnavailable
from artifactory_estate.repositories.lifecycle import RepositoriesLifecycle, RepositoriesObservation
from tests.support.fake_artifactory import FakeArtifactory
from tests.support.wire import Wire
from tests.unit.repositories.declare import declare

SECRET = "planted-upstream-secret"
lifecycle = RepositoriesLifecycle()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "lab.token"
    file.write_text(SECRET + "\n")
    return file


def remotes(secret: Path, count: int = 2) -> dict[str, object]:
    one = {"package_type": "npm", "url": "http://lab.example", "credentials": f"file:{secret}"}
    return {"remote": {f"lab-{n}": one for n in range(count)}}


def test_the_value_goes_to_the_server_and_nowhere_else(server: Wire, fake: FakeArtifactory, secret: Path) -> None:
    declared = declare(server, remotes(secret))
    observed = lifecycle.create(declared)
    assert fake.repositories["lab-0"]["password"] == SECRET
    assert "credentials" not in fake.repositories["lab-0"]
    assert SECRET not in str((declared.to_data(), observed.to_data()))
    assert len(set(observed.credentials.values())) == 1
    assert lifecycle.read(declared, observed) == (declared, observed)  # the encrypted echo is no drift


def test_a_rotated_value_shows_as_pending_and_is_sent_by_the_next_update(
    server: Wire, fake: FakeArtifactory, secret: Path
) -> None:
    declared = declare(server, remotes(secret))
    observed = lifecycle.create(declared)
    secret.write_text("rotated")
    _, seen = lifecycle.read(declared, observed)
    assert seen.pending[0] == f"lab-0: the value behind file:{secret} has changed"
    assert seen.credentials == observed.credentials
    server.seen.clear()
    after = lifecycle.update(declared, declared, seen)
    assert fake.repositories["lab-1"]["password"] == "rotated"
    assert (after.pending, len(server.writes)) == ((), 1)
    assert lifecycle.update(declared, declared, after) == after
    assert len(server.writes) == 1


def test_a_value_that_cannot_be_read_stops_a_write_but_neither_refresh_nor_destroy(
    server: Wire, fake: FakeArtifactory, secret: Path
) -> None:
    declared = declare(server, remotes(secret))
    observed = lifecycle.create(declared)
    secret.unlink()
    assert lifecycle.read(declared, observed)[1].pending[0].startswith("credentials of remote repositories cannot be")
    server.seen.clear()
    with pytest.raises(SecretUnavailable, match=r"lab\.token: cannot be read"):
        lifecycle.update(declared, declared, observed)
    assert server.writes == []
    lifecycle.delete(declared, observed)
    assert fake.repositories == {}


def test_fingerprints_are_kept_where_there_are_credentials_only(server: Wire, secret: Path) -> None:
    both = remotes(secret, 1) | {"local": {"a": {"package_type": "npm"}}}
    assert list(lifecycle.create(declare(server, both)).credentials) == ["lab-0"]
    assert RepositoriesObservation().to_data() == {"pending": [], "count": 0, "credentials": {}}
