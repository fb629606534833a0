"""Archives: taken apart at deployment, looked into, and made of folders (6.1)."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from artifactory_sandbox.platform.artifacts import archives
from tests.platform.running import Bare

EXPLODE = {"X-Explode-Archive": "true"}


@pytest.fixture(scope="module", autouse=True)
def _repository(platform: Bare) -> None:
    platform.make("boxes")


def zipped(*entries: tuple[str, bytes], link: str = "") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
        if link:
            info = zipfile.ZipInfo(link)
            info.external_attr = 0o120777 << 16
            archive.writestr(info, "/etc/passwd")
    return file.getvalue()


def tarred(mode: str, *entries: tuple[str, bytes], link: tuple[str, str] | None = None) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in entries:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        if link:
            info = tarfile.TarInfo(link[0])
            info.type, info.linkname = tarfile.SYMTYPE, link[1]
            archive.addfile(info)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("all.zip", zipped(("in/a.txt", b"one"), ("b.txt", b"two"))),
        ("all.jar", zipped(("in/a.txt", b"one"), ("b.txt", b"two"))),
        ("all.tar", tarred("w", ("./in/a.txt", b"one"), ("b.txt", b"two"))),
        ("all.tar.gz", tarred("w:gz", ("in/a.txt", b"one"), ("b.txt", b"two"))),
        ("all.tgz", tarred("w:gz", ("in/a.txt", b"one"), ("b.txt", b"two"))),
        ("all.tar.bz2", tarred("w:bz2", ("in/a.txt", b"one"), ("b.txt", b"two"))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("header", ["X-Explode-Archive", "X-Explode-Archive-Atomic"])
def test_an_archive_is_taken_apart(platform: Bare, name: str, data: bytes, header: str) -> None:
    answer = platform.put(f"boxes/{header}/{name}.d/{name};by=me", data, headers={header: "true"})
    assert answer.status_code == 200, answer.text
    assert platform.get(f"boxes/{header}/{name}.d/in/a.txt").content == b"one"
    assert platform.get(f"boxes/{header}/{name}.d/b.txt").content == b"two"
    assert platform.get(f"boxes/{header}/{name}.d/{name}").status_code == 404
    shown = platform.api("GET", f"storage/boxes/{header}/{name}.d/b.txt?properties").json()
    assert shown["properties"] == {"by": ["me"]}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("climbs.zip", zipped(("ok.txt", b"x"), ("../../up.txt", b"x"))),
        ("absolute.zip", zipped(("ok.txt", b"x"), ("/abs.txt", b"x"))),
        ("windows.zip", zipped(("ok.txt", b"x"), ("a\\..\\..\\up.txt", b"x"))),
        ("drive.zip", zipped(("ok.txt", b"x"), ("C:/up.txt", b"x"))),
        ("link.zip", zipped(("ok.txt", b"x"), link="to-passwd")),
        ("climbs.tar", tarred("w", ("ok.txt", b"x"), ("../up.txt", b"x"))),
        ("link.tgz", tarred("w:gz", ("ok.txt", b"x"), link=("to", "/etc/passwd"))),
        ("cut.zip", zipped(("ok.txt", b"x" * 5000))[:-40]),
        ("cut.tgz", tarred("w:gz", ("ok.txt", bytes(range(256)) * 500))[:-300]),
        ("nonsense.tar.gz", b"no archive at all"),
        ("bomb.zip", zipped(("ok.txt", b"x"), ("zeros.bin", b"\0" * (archives.MOST_RATIO * 80_000)))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_archive_is_refused_and_nothing_of_it_stays(
    platform: Bare, name: str, data: bytes, tmp_path: Path
) -> None:
    before = {sha1 for sha1, _ in platform.platform.binaries.store.all()}
    work = set(platform.platform.temporary.glob("*"))
    answer = platform.put(f"boxes/bad/{name}", data, headers=EXPLODE)
    assert answer.status_code == 400, answer.text
    assert platform.platform.artifacts.state.item("boxes", "bad") is None
    stored = {sha1 for sha1, _ in platform.platform.binaries.store.all()} - before
    assert len(stored) <= 1  # a first entry may be in the filestore until garbage is collected, but no path leads to it
    assert set(platform.platform.temporary.glob("*")) == work
    assert not list(tmp_path.parent.rglob("up.txt"))


def test_an_archive_needs_permission_for_each_of_its_files(platform: Bare) -> None:
    user = {"name": "boxer", "password": "Password1!", "email": "b@acme.example"}
    assert platform.api("PUT", "security/users/boxer", json=user).status_code == 201
    actions = {"users": {"boxer": ["read", "write"]}}
    repo = {"include-patterns": ["open/**"], "repositories": ["boxes"], "actions": actions}
    assert platform.api("PUT", "v2/security/permissions/boxing", json={"name": "boxing", "repo": repo}).ok
    data = zipped(("in.txt", b"x"))
    login = ("boxer", "Password1!")
    assert platform.put("boxes/open/all.zip", data, headers=EXPLODE, auth=login).status_code == 200
    assert platform.put("boxes/shut/all.zip", data, headers=EXPLODE, auth=login).status_code == 403
    assert (
        platform.put("boxes/open/all.zip", data, headers=EXPLODE, auth=login).status_code == 403
    )  # overwriting is deleting


def test_a_folder_is_downloaded_as_an_archive(platform: Bare) -> None:
    platform.put("boxes/many/one/a.txt", b"one")
    platform.put("boxes/many/b.txt", b"two")
    where = "archive/download/boxes/many"
    assert platform.api("GET", where).status_code == 403
    platform.api(
        "PATCH",
        "system/configuration",
        data="folderDownloadConfig: {enabled: true}",
        headers={"Content-Type": "application/yaml"},
    )
    answer = platform.api("GET", f"{where}?archiveType=zip&includeChecksumFiles=true")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert {"b.txt", "one/a.txt", "b.txt.sha1", "one/a.txt.md5"} <= set(archive.namelist())
        assert archive.read("one/a.txt") == b"one"
    packed = platform.api("GET", f"{where}?archiveType=tgz")
    with tarfile.open(fileobj=io.BytesIO(packed.content)) as tar:
        assert sorted(tar.getnames()) == ["b.txt", "one/a.txt"]
    assert platform.api("GET", f"{where}?archiveType=rar").status_code == 400
    assert platform.api("GET", f"{where}/b.txt?archiveType=zip").status_code == 400
    assert platform.api("GET", "archive/download/boxes/none?archiveType=zip").status_code == 404


def test_files_inside_archives_are_served_and_found(platform: Bare) -> None:
    platform.put("boxes/lib.jar", zipped(("org/acme/Thing.class", b"class"), ("a b.txt", b"text")))
    assert platform.get("boxes/lib.jar!/org/acme/Thing.class").content == b"class"
    assert platform.get("boxes/lib.jar!/a b.txt").content == b"text"
    assert platform.get("boxes/lib.jar!/../x").status_code in {400, 404}
    platform.put("boxes/pack.tgz", tarred("w:gz", ("package/package.json", b"{}")))
    assert platform.get("boxes/pack.tgz!/package/package.json").content == b"{}"
    platform.put("boxes/broken.jar", b"no zip")
    assert platform.get("boxes/broken.jar!/x").status_code == 404
    found = platform.api("GET", "search/archive?name=Thing.class&repos=boxes").json()["results"]
    assert [one["entry"] for one in found] == ["org/acme/Thing.class"]
