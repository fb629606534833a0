"""Redundancy, behaviours, failing mounts, balancing (files reference 1.9 to 1.12)."""

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from artifactory_sandbox.platform.binaries.balancing import FLAG
from artifactory_sandbox.platform.binaries.chain import Binaries, CannotStore, MissingBinary
from tests.platform.running import Bare, running, until
from tests.platform.test_binaries_boot import built, chain, provider


def mounts(count: int, **more: object) -> str:
    return "".join(
        provider(f"m{n}", "state-aware", fileStoreDir=f"/mnt/{n}", checkPeriod=100, **more) for n in range(count)
    )


def sharded(count: int, tops: str = "", **parameters: object) -> str:
    inner = "".join(f'<sub-provider id="m{n}" type="state-aware"/>' for n in range(count))
    return chain(provider("sharding", inner=inner), provider("sharding", **parameters), tops or mounts(count))


def binary(folder: Path, size: int = 1000) -> tuple[str, Path]:
    file = folder / "upload"
    file.unlink(missing_ok=True)
    file.write_bytes(os.urandom(size))
    return hashlib.sha1(file.read_bytes()).hexdigest(), file


def put(binaries: Binaries, folder: Path, size: int = 1000) -> str:
    sha1, file = binary(folder, size)
    binaries.store.put(sha1, file)
    return sha1


def holders(folder: Path, sha1: str) -> set[str]:
    return {path.parts[-3] for path in (folder / "mnt").glob(f"*/{sha1[:2]}/{sha1}")}


def test_every_binary_stands_on_as_many_mounts_as_declared(tmp_path: Path) -> None:
    binaries = built(tmp_path, sharded(3, redundancy=2))
    kept = [put(binaries, tmp_path) for _ in range(6)]
    assert all(len(holders(tmp_path, sha1)) == 2 for sha1 in kept)
    assert set.union(*(holders(tmp_path, sha1) for sha1 in kept)) == {"0", "1", "2"}
    one = tmp_path / "mnt"
    inodes = {path.stat().st_ino for path in one.glob(f"*/{kept[0][:2]}/{kept[0]}")}
    assert len(inodes) == 2
    assert sorted(binaries.store.all()) == sorted((sha1, 1000) for sha1 in kept)


def test_any_one_mount_may_be_lost(tmp_path: Path) -> None:
    binaries = built(tmp_path, sharded(3, redundancy=2))
    kept = [put(binaries, tmp_path) for _ in range(6)]
    shutil.rmtree(tmp_path / "mnt/1")
    for sha1 in kept:
        with binaries.store.open(sha1) as opened:
            assert hashlib.sha1(opened.read()).hexdigest() == sha1
    shutil.rmtree(tmp_path / "mnt/2")
    with pytest.raises(MissingBinary):
        [binaries.store.open(sha1).close() for sha1 in kept]


@pytest.mark.parametrize(("lenient", "taken"), [(0, False), (1, True), (2, False)])
def test_the_lenient_limit_says_how_few_copies_are_enough(tmp_path: Path, lenient: int, taken: bool) -> None:
    binaries = built(tmp_path, sharded(2, redundancy=2, lenientLimit=lenient))
    binaries.disks("/mnt/1")[0].break_down(True)
    sha1, file = binary(tmp_path)
    if taken:
        binaries.store.put(sha1, file)
    else:
        with pytest.raises(CannotStore, match="1 of the 2 members that an upload needs"):
            binaries.store.put(sha1, file)
    assert holders(tmp_path, sha1) == ({"0"} if taken else set())


def test_a_failed_mount_is_left_alone_and_taken_back(tmp_path: Path) -> None:
    binaries = built(tmp_path, sharded(2, redundancy=1))
    (disk,) = binaries.disks("/mnt/0")
    disk.break_down(True)
    kept = [put(binaries, tmp_path) for _ in range(4)]
    assert {name for sha1 in kept for name in holders(tmp_path, sha1)} == {"1"}
    assert [place.active for place in binaries.places()] == [False, True]
    disk.break_down(False)

    def back() -> bool:
        binaries.tick()
        return all(place.active for place in binaries.places())

    until(back, "the mount to be taken back")
    kept = [put(binaries, tmp_path) for _ in range(4)]
    assert {name for sha1 in kept for name in holders(tmp_path, sha1)} == {"0", "1"}


def test_a_mount_that_vanishes_is_noticed_by_the_check(tmp_path: Path) -> None:
    binaries = built(tmp_path, sharded(2, redundancy=1))
    (tmp_path / "mnt/0").rename(tmp_path / "mnt/away")

    def noticed() -> bool:
        binaries.tick()
        return [place.active for place in binaries.places()] == [False, True]

    until(noticed, "the check to notice")
    (tmp_path / "mnt/away").rename(tmp_path / "mnt/0")
    until(lambda: binaries.tick() or all(place.active for place in binaries.places()), "it to be back")


def test_a_full_mount_takes_nothing_and_is_read(tmp_path: Path) -> None:
    binaries = built(tmp_path, sharded(2, redundancy=1))
    first = [put(binaries, tmp_path) for _ in range(2)]
    (disk,) = binaries.disks("/mnt/0")
    disk.fill(100)
    kept = [put(binaries, tmp_path) for _ in range(3)]
    assert {name for sha1 in kept for name in holders(tmp_path, sha1)} == {"1"}
    assert all(binaries.store.has(sha1) for sha1 in first)
    binaries.disks("/mnt/1")[0].fill(100)
    with pytest.raises(CannotStore) as refused:
        put(binaries, tmp_path)
    assert refused.value.full


def test_a_read_only_mount_is_read_and_collected_but_not_written(tmp_path: Path) -> None:
    tops = mounts(1, writeEnabled="false") + mounts(2).partition("</provider>")[2]
    binaries = built(tmp_path, sharded(2, redundancy=1))
    old = [put(binaries, tmp_path) for _ in range(4)]
    binaries = built(tmp_path, sharded(2, tops, redundancy=1))
    new = [put(binaries, tmp_path) for _ in range(4)]
    assert {name for sha1 in new for name in holders(tmp_path, sha1)} == {"1"}
    assert all(binaries.store.has(sha1) for sha1 in old)
    for sha1 in old:
        binaries.store.remove(sha1)
    assert not any(holders(tmp_path, sha1) for sha1 in old)


@pytest.mark.parametrize("behaviour", ["freeSpace", "percentageFreeSpace"])
def test_the_emptiest_mount_is_written(tmp_path: Path, behaviour: str) -> None:
    binaries = built(tmp_path, sharded(3, redundancy=1, writeBehavior=behaviour, freeSpaceSampleInterval=1))
    for number, percent in enumerate((80, 20, 50)):
        binaries.disks(f"/mnt/{number}")[0].fill(percent)
    assert holders(tmp_path, put(binaries, tmp_path)) == {"1"}
    binaries.disks("/mnt/1")[0].fill(90)
    time.sleep(0.01)
    assert holders(tmp_path, put(binaries, tmp_path)) == {"2"}


@pytest.mark.parametrize("behaviour", ["zoneFreeSpace", "zonePercentageFreeSpace", "crossNetworkStrategy"])
def test_copies_stand_in_different_zones_and_ones_own_comes_first(tmp_path: Path, behaviour: str) -> None:
    tops = "".join(
        provider(f"m{n}", "state-aware", fileStoreDir=f"/mnt/{n}", zone=zone)
        for n, zone in enumerate(("a", "a", "b", "b"))
    )
    text = sharded(4, tops, redundancy=2, writeBehavior=behaviour, readBehavior="zone")
    for zones in ("a,b", "b,a"):
        folder = tmp_path / zones
        binaries = built(folder, text, zones)
        for _ in range(4):
            found = holders(folder, put(binaries, folder))
            assert len(found & {"0", "1"}) == len(found & {"2", "3"}) == 1
        single = built(folder, sharded(4, tops, redundancy=1, writeBehavior=behaviour), zones)
        assert holders(folder, put(single, folder)) <= ({"0", "1"} if zones == "a,b" else {"2", "3"})


# with a platform: the flag, collections, the optimize call


@contextmanager
def platform_on(folder: Path, text: str, version: str = "7.111.4") -> Iterator[Bare]:
    """A platform with a chain of its own."""
    binaries = built(folder, text, version=version)
    with running(folder / "platform", version=version, binaries=binaries) as (platform,):
        platform.api("PATCH", "system/configuration", data="trashcanConfig: {enabled: false}")
        if platform.api("GET", "repositories/kept").status_code != 200:
            platform.make("kept")
        yield platform


def upload(platform: Bare, path: str, data: bytes) -> str:
    answer = platform.put(f"kept/{path}", data)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["checksums"]["sha1"])


def test_redundancy_is_regenerated_after_the_next_collection(tmp_path: Path) -> None:
    with platform_on(tmp_path, sharded(2, redundancy=2, lenientLimit=1)) as platform:
        platform.fault("break-mount", mount="/mnt/1")
        sha1 = upload(platform, "a", b"once")
        assert holders(tmp_path, sha1) == {"0"}
        shown = platform.api("POST", "storageinfo/calculate") and platform.api("GET", "storageinfo").json()
        states = [(row["id"], row["state"]) for row in shown["fileStoreSummary"]["binaryProviders"]]
        assert states == [("m0", "ACTIVE"), ("m1", "FAILED")]
        platform.fault("mend-mount", mount="/mnt/1")
        until(lambda: all(place.active for place in platform.platform.binaries.places()), "the mount to be back")
        assert platform.platform.settings.get(FLAG) is True
        assert platform.api("POST", "system/storage/gc").status_code == 200
        assert holders(tmp_path, sha1) == {"0", "1"}
        until(lambda: platform.get("kept/a").content == b"once", "the download")


def test_a_new_mount_takes_its_share_when_storage_is_optimised(tmp_path: Path) -> None:
    with platform_on(tmp_path, sharded(2, redundancy=1)) as platform:
        kept = [upload(platform, str(n), os.urandom(10_000)) for n in range(12)]
    with platform_on(tmp_path, sharded(3, redundancy=1)) as platform:
        assert platform.api("POST", "system/storage/optimize").status_code == 202
        until(lambda: sum(holders(tmp_path, sha1) == {"2"} for sha1 in kept) >= 3, "the new mount to fill")
        until(lambda: not platform.platform.system.tasks.kinds_running("optimize"), "the end")
        assert all(len(holders(tmp_path, sha1)) == 1 for sha1 in kept)
        assert all(platform.get(f"kept/{n}").status_code == 200 for n in range(12))


def test_a_node_that_has_taken_no_upload_makes_copies_good(tmp_path: Path) -> None:
    sha1 = put(built(tmp_path, sharded(2, redundancy=2)), tmp_path)
    shutil.rmtree(tmp_path / "mnt/1")
    with platform_on(tmp_path, sharded(2, redundancy=2)) as platform:
        assert holders(tmp_path, sha1) == {"0"}
        assert platform.api("POST", "system/storage/optimize").status_code == 202
        until(lambda: holders(tmp_path, sha1) == {"0", "1"}, "the lost copy")


def test_before_7_104_5_the_call_only_raises_the_flag(tmp_path: Path) -> None:
    with platform_on(tmp_path, sharded(2, redundancy=1), version="7.77.16") as platform:
        until(lambda: platform.platform.settings.get(FLAG), "the first look at the members")
        assert platform.api("POST", "system/storage/gc").status_code == 200
        assert platform.platform.settings.get(FLAG) is False
        assert platform.api("POST", "system/storage/optimize").status_code == 200
        assert platform.platform.settings.get(FLAG) is True
        assert platform.api("POST", "system/storage/gc").status_code == 200
        assert platform.platform.settings.get(FLAG) is False


def test_a_full_collection_removes_surplus_copies(tmp_path: Path) -> None:
    with platform_on(tmp_path, sharded(3, redundancy=3)) as platform:
        sha1 = upload(platform, "a", b"thrice")
        assert holders(tmp_path, sha1) == {"0", "1", "2"}
    with platform_on(tmp_path, sharded(3, redundancy=2)) as platform:
        platform.platform.properties = {"artifactory.gc.skipFullGcBetweenMinorIterations": "2"}
        platform.api("POST", "system/storage/gc")
        assert len(holders(tmp_path, sha1)) == 3
        platform.api("POST", "system/storage/gc")
        assert len(holders(tmp_path, sha1)) == 2
        assert platform.get("kept/a").content == b"thrice"


def test_collection_and_pruning_work_on_every_mount(tmp_path: Path) -> None:
    with platform_on(tmp_path, sharded(3, redundancy=2)) as platform:
        sha1 = upload(platform, "a", b"gone")
        orphan, file = binary(tmp_path)
        platform.platform.binaries.store.put(orphan, file)
        platform("DELETE", "/artifactory/kept/a")
        platform.api("POST", "system/storage/gc")
        assert not holders(tmp_path, sha1)
        assert platform.api("POST", "system/storage/prune/start", json={"binaryOlderThanDays": 0}).status_code == 202
        until(lambda: not holders(tmp_path, orphan), "the orphan to go")


def test_a_drained_mount_is_emptied(tmp_path: Path) -> None:
    drain = provider("m0", "state-aware", fileStoreDir="/mnt/0", writeEnabled="false")
    tops = drain + "".join(provider(f"m{n}", "state-aware", fileStoreDir=f"/mnt/{n}") for n in (1, 2))
    with platform_on(tmp_path, sharded(3, redundancy=2)) as platform:
        kept = [upload(platform, str(n), os.urandom(1000)) for n in range(9)]
    with platform_on(tmp_path, sharded(3, tops, redundancy=2)) as platform:
        platform.platform.properties = {"artifactory.gc.skipFullGcBetweenMinorIterations": "1"}
        for _ in range(2):
            platform.api("POST", "system/storage/gc")
        assert all(holders(tmp_path, sha1) == {"1", "2"} for sha1 in kept)


def test_uploads_that_do_not_fit_are_refused_as_full(tmp_path: Path) -> None:
    with platform_on(tmp_path, sharded(2, redundancy=2)) as platform:
        platform.fault("fill-disk", mount="/mnt")
        assert platform.put("kept/a", b"no room").status_code == 507
        platform.fault("free-disk", mount="/mnt")
        platform.fault("break-mount", mount="/mnt/0")
        answer = platform.put("kept/a", b"too few")
        assert (answer.status_code, "1 of the 2 members" in answer.text) == (500, True)
        platform.fault("heal")
        assert platform("POST", "/__sandbox__/faults", json={"kind": "fill-disk", "mount": "/srv"}).status_code == 400
