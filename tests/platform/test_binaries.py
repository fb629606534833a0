"""The stores of a chain."""

import hashlib
import os
from pathlib import Path

import pytest

from artifactory_sandbox.platform.binaries.cache_fs import CacheFs
from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.binaries.file_system import FileSystem


def binary(folder: Path, size: int = 1000) -> tuple[str, Path]:
    data = os.urandom(size)
    file = folder / "upload"
    file.unlink(missing_ok=True)
    file.write_bytes(data)
    return hashlib.sha1(data).hexdigest(), file


def test_a_file_system_keeps_binaries_by_their_sha1(tmp_path: Path) -> None:
    store = FileSystem(tmp_path / "filestore")
    sha1, file = binary(tmp_path)
    store.put(sha1, file)
    store.put(sha1, file)
    assert (tmp_path / "filestore" / sha1[:2] / sha1).read_bytes() == file.read_bytes()
    with store.open(sha1, 10) as opened:
        assert opened.read() == file.read_bytes()[10:]
    assert list(store.all()) == [(sha1, 1000)]
    store.remove(sha1)
    assert not store.has(sha1)
    with pytest.raises(MissingBinary):
        store.open(sha1)


def test_a_cache_forgets_the_least_recently_used(tmp_path: Path) -> None:
    behind = FileSystem(tmp_path / "behind")
    cache = CacheFs(tmp_path / "cache", behind, max_size=2500)
    kept = [_put(cache, tmp_path) for _ in range(2)]
    cache.open(kept[0]).close()
    kept.append(_put(cache, tmp_path))
    cached = {name for name, _ in FileSystem(tmp_path / "cache").all()}
    assert cached == {kept[0], kept[2]}
    assert {name for name, _ in behind.all()} == set(kept)
    with cache.open(kept[1], 5) as opened:
        assert len(opened.read()) == 995
    assert kept[1] in {name for name, _ in FileSystem(tmp_path / "cache").all()}


def test_a_cache_leaves_large_files_and_uploads_alone_when_told(tmp_path: Path) -> None:
    for options in ({"max_file": 500}, {"skip_uploads": True}):
        folder = tmp_path / next(iter(options))
        cache = CacheFs(folder, FileSystem(tmp_path / "behind"), max_size=10_000, **options)  # type: ignore[arg-type]
        _put(cache, tmp_path)
        assert not list(FileSystem(folder).all())


def test_an_emptied_cache_is_filled_again(tmp_path: Path) -> None:
    cache = CacheFs(tmp_path / "cache", FileSystem(tmp_path / "behind"))
    sha1 = _put(cache, tmp_path)
    (tmp_path / "cache" / sha1[:2] / sha1).unlink()
    with cache.open(sha1) as opened:
        assert hashlib.sha1(opened.read()).hexdigest() == sha1


def _put(cache: CacheFs, folder: Path) -> str:
    sha1, file = binary(folder)
    cache.put(sha1, file)
    return sha1
