"""`eventual`, `eventual-cluster`, `retry`, `full-db`: what is acknowledged is kept, and sent when it can be (files reference 1.2 ff.)."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.binaries.eventual import CLUSTER, Eventual, Folders, Queue
from artifactory_sandbox.platform.binaries.file_system import FileSystem
from artifactory_sandbox.platform.binaries.retry import Retry
from tests.platform.running import running, until
from tests.platform.test_binaries_boot import built, template

KINDS = {"eventual": {}, "eventual-cluster": CLUSTER}


def binary(folder: Path, size: int = 1000) -> tuple[str, Path]:
    file = folder / "upload"
    file.unlink(missing_ok=True)
    file.write_bytes(os.urandom(size))
    return hashlib.sha1(file.read_bytes()).hexdigest(), file


@pytest.fixture(params=sorted(KINDS))
def make(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[], Eventual]]:
    """An `eventual` over a directory that can break; a second one finds what the first left."""
    made: list[Eventual] = []

    def build() -> Eventual:
        folders = Folders(tmp_path / "eventual", **KINDS[request.param])
        made.append(Eventual(behind, folders, 2, 0.02))
        return made[-1]

    behind = FileSystem(tmp_path / "behind", own_copies=True)
    build.behind = behind  # type: ignore[attr-defined]
    yield build
    for one in made:
        one.stop()


def test_an_upload_is_safe_here_before_it_is_sent(tmp_path: Path, make: Callable[[], Eventual]) -> None:
    behind: FileSystem = make.behind  # type: ignore[attr-defined]
    behind.disk.break_down(True)
    first = make()
    sha1, file = binary(tmp_path)
    first.put(sha1, file)
    assert first.waits(sha1)
    with first.open(sha1, 10) as opened:
        assert opened.read() == file.read_bytes()[10:]
    again = make()  # the node was killed: another one over the same folders
    again.start()
    assert again.has(sha1)
    behind.disk.break_down(False)
    until(lambda: behind.has(sha1) and not again.waits(sha1), "it to be sent")
    assert list(again.all()) == [(sha1, 1000)]


def test_what_is_deleted_before_it_was_sent_is_never_there(tmp_path: Path, make: Callable[[], Eventual]) -> None:
    behind: FileSystem = make.behind  # type: ignore[attr-defined]
    eventual = make()
    sha1, file = binary(tmp_path)
    behind.put(sha1, file)
    eventual.put(sha1, file)
    eventual.remove(sha1)
    assert (eventual.has(sha1), list(eventual.all())) == (False, [])
    with pytest.raises(MissingBinary):
        eventual.open(sha1)
    eventual.start()
    until(lambda: not behind.has(sha1), "it to be deleted behind")
    eventual.put(sha1, file)
    until(lambda: behind.has(sha1), "it to be sent again")


def test_other_nodes_see_only_what_waits(tmp_path: Path, make: Callable[[], Eventual]) -> None:
    behind: FileSystem = make.behind  # type: ignore[attr-defined]
    eventual = make()
    queue = Queue(eventual)
    sha1, file = binary(tmp_path)
    queue.put(sha1, file)
    assert list(queue.all()) == [(sha1, 1000)]
    eventual.start()
    until(lambda: not queue.has(sha1), "it to be sent")
    assert behind.has(sha1)
    with pytest.raises(MissingBinary):
        queue.open(sha1)


def test_a_retry_tries_as_often_as_it_says(tmp_path: Path) -> None:
    behind = FileSystem(tmp_path / "behind")
    tries = []
    original = behind.put

    def put(sha1: str, file: Path) -> None:
        tries.append(sha1)
        if len(tries) < 3:
            raise OSError("not yet")
        original(sha1, file)

    behind.put = put  # type: ignore[method-assign]
    sha1, file = binary(tmp_path)
    with pytest.raises(OSError, match="not yet"):
        Retry(behind, 2, 0).put(sha1, file)
    Retry(behind, 2, 0).put(sha1, file)
    assert (len(tries), behind.has(sha1)) == (3, True)


@pytest.mark.parametrize("kind", ["full-db", "full-db-direct"])
def test_binaries_in_the_database(tmp_path: Path, kind: str) -> None:
    data = os.urandom(2_500_000)
    for _ in range(2):
        with running(tmp_path / "platform", binaries=built(tmp_path, template(kind))) as (platform,):
            if platform.api("GET", "repositories/kept").status_code != 200:
                platform.make("kept")
                assert platform.put("kept/big", data).status_code == 201
                assert platform.put("kept/empty", b"").status_code == 201
            assert platform.get("kept/big").content == data
            part = platform.get("kept/big", headers={"Range": "bytes=1048570-1048585"})
            assert (part.status_code, part.content) == (206, data[1048570:1048586])
            assert platform.get("kept/empty").content == b""
            assert sorted(size for _, size in platform.platform.binaries.store.all()) == [0, len(data)]
    with running(tmp_path / "platform", binaries=built(tmp_path, template(kind))) as (platform,):
        platform.api("PATCH", "system/configuration", data="trashcanConfig: {enabled: false}")
        platform("DELETE", "/artifactory/kept/big")
        platform.api("POST", "system/storage/gc")
        assert [size for _, size in platform.platform.binaries.store.all()] == [0]
        assert platform.get("kept/empty").status_code == 200


def test_writers_of_one_binary_do_not_meet_in_the_database(tmp_path: Path) -> None:
    with running(tmp_path / "platform", binaries=built(tmp_path, template("full-db-direct"))) as (platform,):
        platform.make("kept")
        data = os.urandom(1_500_000)
        threads = [threading.Thread(target=platform.put, args=(f"kept/{n}", data)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [size for _, size in platform.platform.binaries.store.all()] == [len(data)]
        assert all(platform.get(f"kept/{n}").content == data for n in range(4))
