"""The trash can, statistics and uploads in parts (1.7, 6.2, 12.10.2)."""

import hashlib

import pytest

from artifactory_sandbox.platform.artifacts.rows import Origin
from artifactory_sandbox.platform.web.body import Hashing
from tests.platform.running import Bare, until

DAY_S = 86_400.0


@pytest.fixture(scope="module", autouse=True)
def _repositories(platform: Bare) -> None:
    platform.make("t-local")
    platform.make("t-other")


def configured(platform: Bare, text: str) -> None:
    answer = platform.api("PATCH", "system/configuration", data=text, headers={"Content-Type": "application/yaml"})
    assert answer.status_code == 200, answer.text


def trashed(platform: Bare, path: str) -> dict[str, list[str]]:
    answer = platform.api("GET", f"storage/auto-trashcan/{path}?properties")
    return dict(answer.json()["properties"]) if answer.status_code == 200 else {}


def test_a_deleted_folder_can_be_restored_with_its_properties(platform: Bare) -> None:
    platform.put("t-local/f/a.txt;k=v", b"a")
    platform.put("t-local/f/g/b.txt", b"b")
    assert platform("DELETE", "/artifactory/t-local/f").status_code == 204
    marks = trashed(platform, "t-local/f/a.txt")
    assert (marks["k"], marks["trash.originalRepositoryType"], len(marks["trash.time"][0])) == (["v"], ["local"], 13)
    assert platform.api("POST", "trash/restore/t-local/f").status_code == 202
    assert platform.get("t-local/f/g/b.txt").content == b"b"
    assert platform.api("GET", "storage/t-local/f/a.txt?properties").json()["properties"] == {"k": ["v"]}
    assert platform.api("GET", "storage/auto-trashcan/t-local").status_code == 404


def test_an_overwritten_file_is_kept_and_the_same_bytes_are_not(platform: Bare) -> None:
    platform.put("t-local/o.txt", b"old")
    platform.put("t-local/o.txt", b"old")
    assert trashed(platform, "t-local/o.txt") == {}
    platform.put("t-local/o.txt", b"new")
    assert platform.get("auto-trashcan/t-local/o.txt").content == b"old"
    assert platform.get("t-local/o.txt").content == b"new"


def test_deleting_twice_keeps_the_last_and_nothing_is_lost_of_folders(platform: Bare) -> None:
    for text in (b"first", b"second"):
        platform.put("t-local/twice/x/a.txt", text)
        platform("DELETE", "/artifactory/t-local/twice")
    platform.put("t-local/twice/y.txt", b"y")
    platform("DELETE", "/artifactory/t-local/twice")
    assert platform.get("auto-trashcan/t-local/twice/x/a.txt").content == b"second"
    assert platform.get("auto-trashcan/t-local/twice/y.txt").content == b"y"


def test_the_trash_can_is_in_use_until_it_is_emptied(platform: Bare) -> None:
    sha1 = platform.put("t-local/gone.bin", b"to be collected").json()["checksums"]["sha1"]
    platform("DELETE", "/artifactory/t-local/gone.bin")
    platform.api("POST", "system/storage/gc")
    store = platform.platform.binaries.store
    assert store.has(sha1)
    assert platform.api("POST", "trash/empty").status_code == 202
    platform.api("POST", "system/storage/gc")
    until(lambda: not store.has(sha1), "the collection")


def test_the_retention_of_the_descriptor_empties_it(platform: Bare) -> None:
    platform.put("t-local/old.txt", b"old")
    platform("DELETE", "/artifactory/t-local/old.txt")
    state, clock = platform.platform.artifacts.state, platform.platform.clock
    try:
        clock.advance(13 * DAY_S)
        platform.platform.artifacts.tick()
        assert state.item("auto-trashcan", "t-local/old.txt") is not None
        clock.advance(2 * DAY_S)
        until(lambda: state.item("auto-trashcan", "t-local/old.txt") is None, "the trash can to be emptied")
    finally:
        clock.skew(0)


def test_without_a_trash_can_what_is_deleted_is_gone(platform: Bare) -> None:
    configured(platform, "trashcanConfig: {enabled: false}")
    try:
        platform.put("t-local/n.txt", b"n")
        platform("DELETE", "/artifactory/t-local/n.txt")
        assert trashed(platform, "t-local/n.txt") == {}
    finally:
        configured(platform, "trashcanConfig: {enabled: true}")


def test_moved_files_are_not_in_the_trash_can_and_it_takes_no_uploads(platform: Bare) -> None:
    platform.put("t-local/m.txt", b"m")
    assert platform.api("POST", "move/t-local/m.txt?to=/t-other/m.txt").status_code == 200
    assert trashed(platform, "t-local/m.txt") == {}
    assert platform.put("auto-trashcan/x.txt", b"x").status_code == 404
    assert platform.api("DELETE", "trash/clean/none").status_code == 404


def test_many_downloads_are_all_counted(platform: Bare) -> None:
    platform.put("t-local/hot.txt", b"hot")
    for _ in range(40):
        platform.get("t-local/hot.txt")
    shown = platform.api("GET", "storage/t-local/hot.txt?stats").json()
    assert (shown["downloadCount"], shown["lastDownloadedBy"]) == (40, "admin")


def upload(platform: Bare, path: str, parts: list[bytes], sha1: str) -> tuple[dict[str, object], dict[str, str]]:
    made = platform.api("POST", f"v1/uploads/create?repoKey=t-local&repoPath={path}&partSizeMB=5").json()
    token = {"Authorization": f"Bearer {made['token']}"}
    for number, part in enumerate(parts, 1):
        url = platform.api("POST", f"v1/uploads/urlPart?partNumber={number}", auth=None, headers=token).json()["url"]
        assert platform.session.put(url, data=part, timeout=10).status_code == 200
    assert platform.api("POST", f"v1/uploads/complete?sha1={sha1}", auth=None, headers=token).status_code == 202
    return platform.api("POST", "v1/uploads/status", auth=None, headers=token).json(), token


def test_an_upload_in_parts_becomes_a_file(platform: Bare) -> None:
    parts = [b"a" * 5000, b"b" * 5000, b"c"]
    sha1 = hashlib.sha1(b"".join(parts)).hexdigest()
    status, _ = upload(platform, "big.bin", parts, sha1)
    assert status["status"] == "FINISHED"
    headers = {
        "X-Checksum-Deploy": "true",
        "X-Checksum-Sha1": sha1,
        "X-Checksum-Deploy-Token": str(status["checksumToken"]),
    }
    assert platform.put("t-local/elsewhere.bin", b"", headers=headers).status_code == 404
    assert platform.put("t-local/big.bin", b"", headers=headers).status_code == 201
    assert platform.get("t-local/big.bin").content == b"".join(parts)


def test_an_upload_with_a_wrong_checksum_fails_and_a_token_is_needed(platform: Bare) -> None:
    status, token = upload(platform, "wrong.bin", [b"data"], "0" * 40)
    assert (status["status"], "Checksum error" in str(status["error"])) == ("NON_RETRYABLE_ERROR", True)
    assert platform.api("POST", "v1/uploads/abort", auth=None, headers=token).status_code == 204
    assert platform.api("POST", "v1/uploads/status", auth=None).status_code == 401
    assert platform.api("POST", "v1/uploads/create?repoKey=t-local", auth=("admin", "password")).status_code == 400
    assert (
        platform.session.put(f"{platform.url}/artifactory/api/v1/uploads/part/no/1", data=b"x", timeout=5).status_code
        == 404
    )


def test_garbage_collection_leaves_alone_what_is_about_to_be_used(platform: Bare) -> None:
    artifacts, store = platform.platform.artifacts, platform.platform.binaries.store
    hashing = Hashing(platform.platform.temporary)
    hashing.write(b"stored, and no file points to it yet")
    upload = hashing.done()
    digests = artifacts.store(upload)
    upload.path.unlink()
    artifacts.collect_garbage()
    assert store.has(digests.sha1)
    artifacts.put_file("t-local", "then.txt", digests, Origin("admin"))
    artifacts.delete("t-local", "then.txt", Origin("admin"), permanently=True)
    assert (artifacts.collect_garbage() >= 1, store.has(digests.sha1)) == (True, False)
