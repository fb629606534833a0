"""Backups, export and import (reference 1.4, 1.8): files are really written, and really restored."""

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platform.running import Bare, running, until
from tests.platform.test_federation import federate, trust

YAML = {"Content-Type": "application/yaml"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Bare, Path]]:
    """A platform with something in it, and the folder that stands for its machine."""
    with running(tmp_path) as (platform,):
        platform.make("libs-local")
        platform.make("other-local")
        platform.make("libs", "virtual", repositories=["libs-local"])
        platform.make("far", "remote", url="http://far.example", username="me", password="hush")
        platform.put("libs-local/org/a.txt;k=v", b"first")
        platform.put("other-local/b.txt", b"second")
        yield platform, tmp_path / "platform-0"


def exported(site: tuple[Bare, Path], path: str = "/exports", **options: object) -> Path:
    platform, folder = site
    answer = platform.api("POST", "export/system", json={"exportPath": path, **options})
    assert answer.status_code == 200, answer.text
    return max((folder / path.lstrip("/")).iterdir())


def test_an_export_restores_a_fresh_platform(site: tuple[Bare, Path], tmp_path: Path) -> None:
    sent = {
        "url": "http://far.example/artifactory/x",
        "username": "me",
        "password": "replicated",
        "cronExp": "0 0 2 * * ?",
    }
    assert site[0].api("PUT", "replications/libs-local", json=sent).status_code in {200, 201}
    made = exported(site)
    assert (made / "repositories/libs-local/org/a.txt").read_bytes() == b"first"
    assert {"artifactory.config.xml", "artifactory.properties", "etc", "repositories"} <= {
        p.name for p in made.iterdir()
    }
    assert "hush" not in (made / "etc/artifactory.repository.config.latest.json").read_text()
    before = site[0].api("GET", "storage/libs-local/org/a.txt").json()
    assert "replicated" not in (made / "etc/artifactory.replications.json").read_text()
    with running(tmp_path / "fresh") as (fresh,):
        fresh.make("goes-local")
        shutil.copytree(made, tmp_path / "fresh/platform-0/in")
        answer = fresh.api("POST", "import/system", json={"importPath": "/in"})
        assert answer.status_code == 200, answer.text
        assert fresh.get("libs/org/a.txt").content == b"first"
        assert fresh.get("goes-local/x").status_code == 404
        after = fresh.api("GET", "storage/libs-local/org/a.txt").json()
        for name in ("created", "createdBy", "lastModified", "checksums", "size"):
            assert after[name] == before[name]
        assert fresh.api("GET", "storage/libs-local/org/a.txt?properties").json()["properties"] == {"k": ["v"]}
        (replication,) = fresh.platform.replication.state.all()
        assert (replication["repo"], replication["password"]) == ("libs-local", "replicated")
        assert fresh.platform.repositories.state.secrets("far") == {"password": "hush"}


def test_an_archive_is_imported_too_and_one_that_leads_out_is_not(site: tuple[Bare, Path], tmp_path: Path) -> None:
    platform, folder = site
    made = exported(site, createArchive=True)
    assert made.suffix == ".zip"
    answer = platform.api("POST", "import/system", json={"importPath": f"/exports/{made.name}"})
    assert (answer.status_code, platform.get("libs-local/org/a.txt").content) == (200, b"first")
    with zipfile.ZipFile(folder / "slip.zip", "w") as archive:
        archive.writestr("../../slipped.txt", "out")
    assert platform.api("POST", "import/system", json={"importPath": "/slip.zip"}).status_code == 400
    assert not list(tmp_path.rglob("slipped.txt"))
    assert platform.get("libs-local/org/a.txt").status_code == 200


def test_a_skeleton_needs_the_binaries_in_the_filestore(site: tuple[Bare, Path], tmp_path: Path) -> None:
    made = exported(site, excludeContent=True, includeMetadata=True)
    assert not list(made.rglob("a.txt"))
    with running(tmp_path / "fresh") as (fresh,):
        home = tmp_path / "fresh/platform-0"
        shutil.copytree(made, home / "in")
        answer = fresh.api("POST", "import/system", json={"importPath": "/in"})
        assert (answer.status_code, answer.text.count("500 : ")) == (200, 2)
        failed = fresh.api("POST", "import/system", json={"importPath": "/in", "failOnError": True})
        assert (failed.status_code, "finished with errors" in failed.text) == (500, True)
        shutil.copytree(site[1] / "filestore", home / "filestore", dirs_exist_ok=True)
        answer = fresh.api("POST", "import/system", json={"importPath": "/in"})
        assert (answer.text.count("500 : "), fresh.get("libs-local/org/a.txt").content) == (0, b"first")


def test_an_import_that_is_broken_changes_nothing(site: tuple[Bare, Path]) -> None:
    platform, folder = site
    made = exported(site)
    for name, text in (
        ("artifactory.config.xml", "<config><nonsense/></config>"),
        ("etc/artifactory.repository.config.latest.json", "{"),
        ("etc/access.bootstrap.json", json.dumps({"users": [{"name = 1; --": "x"}]})),
    ):
        broken = folder / "broken"
        shutil.copytree(made, broken)
        (broken / name).write_text(text)
        assert platform.api("POST", "import/system", json={"importPath": "/broken"}).status_code == 400
        assert platform.get("libs-local/org/a.txt").content == b"first"
        shutil.rmtree(broken)


@pytest.mark.parametrize(
    "path", ["relative", "//x", "$HOME/x", "/a/../../x", "/link/x", "", 7, "/a\0b", "/a" * 999, "/" + "a" * 300]
)
def test_no_path_leads_out_of_the_nodes_folder(site: tuple[Bare, Path], tmp_path: Path, path: object) -> None:
    platform, folder = site
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder / "link").symlink_to(outside)
    before = sorted(tmp_path.iterdir())
    assert platform.api("POST", "export/system", json={"exportPath": path}).status_code == 400
    assert platform.api("POST", "import/system", json={"importPath": path}).status_code == 400
    assert (sorted(tmp_path.iterdir()), list(outside.iterdir())) == (before, [])


def test_content_of_one_repository_is_exported_and_imported(site: tuple[Bare, Path]) -> None:
    platform, _ = site
    sent = {"action": "repository", "path": "/one", "repository": "libs-local"}
    assert platform.api("POST", "artifactexport/repository", json=sent).status_code == 200
    platform.make("copy-local")
    answer = platform.api("POST", "import/repositories?path=/one/libs-local&repo=copy-local&metadata=1")
    assert (answer.status_code, platform.get("copy-local/org/a.txt").content) == (200, b"first")
    assert platform.api("GET", "storage/copy-local/org/a.txt?properties").json()["properties"] == {"k": ["v"]}
    assert platform.api("POST", "import/repositories?path=/one/libs-local&repo=libs").status_code == 400
    assert platform.api("POST", "import/repositories?path=/one/libs-local&repo=none").status_code == 400


def backup(platform: Bare, text: str) -> None:
    answer = platform.api("PATCH", "system/configuration", data=f"backups: {text}", headers=YAML)
    assert answer.status_code == 200, answer.text


def test_a_full_backup_runs_by_cron_and_old_ones_go_with_the_retention(site: tuple[Bare, Path]) -> None:
    platform, folder = site
    backup(platform, "{full: {cronExp: '0 0 * * * ?', retentionPeriodHours: 2, excludedRepositories: [other-local]}}")
    base = folder / "backup/artifactory/full"
    until(lambda: "backup:full" in platform.platform.configuration.state.jobs(), "the schedule")
    platform.fault("clock", advance=3600)
    until(lambda: base.is_dir() and [p for p in base.iterdir() if "tmp" not in p.name], "the first backup")
    first = next(base.iterdir())
    assert (first / "repositories/libs-local/org/a.txt").read_bytes() == b"first"
    assert not (first / "repositories/other-local").exists()
    platform.fault("clock", advance=3 * 3600)
    until(lambda: base.is_dir() and first not in base.iterdir(), "the old backup to go")
    assert len([path for path in base.iterdir() if "tmp" not in path.name]) == 1


def test_an_incremental_backup_follows_what_changes(site: tuple[Bare, Path]) -> None:
    platform, folder = site
    backup(platform, "{inc: {cronExp: '0 0 2 ? * SAT', retentionPeriodHours: 0, dir: /mnt/safe}}")
    current = folder / "mnt/safe/current/repositories"
    assert platform.api("POST", "system/storage/backup?key=inc").status_code == 200
    kept = (current / "other-local/b.txt").stat().st_ino
    platform.put("libs-local/new.txt", b"new")
    platform("DELETE", "/artifactory/libs-local/org/a.txt")
    assert platform.api("POST", "system/storage/backup?key=inc").status_code == 200
    assert (current / "libs-local/new.txt").read_bytes() == b"new"
    assert not (current / "libs-local/org/a.txt").exists()
    assert (current / "other-local/b.txt").stat().st_ino == kept
    platform.api("DELETE", "repositories/other-local")
    assert platform.api("POST", "system/storage/backup?key=inc").status_code == 200
    assert not (current / "other-local").exists()


def test_a_disabled_backup_does_not_run(site: tuple[Bare, Path]) -> None:
    platform, folder = site
    backup(platform, "{off: {enabled: false, cronExp: '0 0 * * * ?'}}")
    assert platform.api("POST", "system/storage/backup?key=off").status_code == 500
    platform.platform.clock.advance(7200)
    platform.platform.system.schedule.tick()
    assert not (folder / "backup/artifactory/off").exists()


def test_access_is_backed_up_and_comes_back(site: tuple[Bare, Path]) -> None:
    platform, folder = site
    user = {"username": "carla", "password": "Password1!", "email": "carla@acme.example"}
    assert platform("POST", "/access/api/v2/users", json=user).status_code == 201
    assert platform("POST", "/access/api/v1/system/backup/export").status_code == 202
    (file,) = (folder / "backup/access").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert platform("DELETE", "/access/api/v2/users/carla").status_code == 204
    assert platform("POST", "/access/api/v1/system/backup/import", json={"saas": False}).status_code == 200
    assert platform("GET", "/artifactory/api/system/version", auth=("carla", "Password1!")).status_code == 200


def test_an_import_leaves_a_federation_and_brings_projects_and_keys(tmp_path: Path) -> None:
    with running(tmp_path, count=2) as (first, second):
        trust(first, second)
        assert federate("shared", first, first, second).status_code == 200
        project = {"project_key": "proj", "display_name": "Project"}
        assert first("POST", "/access/api/v1/projects", json=project).status_code in {200, 201}
        made = exported((first, tmp_path / "platform-0"))
        shutil.copytree(made, tmp_path / "platform-0/in")
        first("DELETE", "/access/api/v1/projects/proj")
        answer = first.api("POST", "import/system", json={"importPath": "/in"})
        assert answer.status_code == 200, answer.text
        members = first.api("GET", "repositories/shared").json()["members"]
        assert [member["url"] for member in members] == [f"{first.url}/artifactory/shared"]
        assert first("GET", "/access/api/v1/projects/proj").status_code == 200


def test_what_is_read_back_of_access_is_of_this_version(site: tuple[Bare, Path]) -> None:
    platform, folder = site
    assert platform("POST", "/access/api/v1/system/backup/import").status_code == 400
    backups = folder / "backup/access"
    backups.mkdir(parents=True)
    for text in ("{", "[]", '{"secrets": []}', '{"users": [1]}', '{"users": [{"name": "x"}]}', '{"users": 1}'):
        (backups / "access.backup.1.json").write_text(text)
        assert platform("POST", "/access/api/v1/system/backup/import").status_code == 400
