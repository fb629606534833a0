"""skopeo pushes, inspects, copies and deletes images: through a local, a virtual and a remote repository."""

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.clients.package_sites import ADMIN, GUEST, Sites, sites
from tests.support.programs import program, run

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
PLACES = ["local", "virtual", "remote", "virtual over the remote"]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Layout:
    """An image layout on disk, made by hand: one image for each of two architectures, and the list of both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "blobs/sha256").mkdir(parents=True)
        (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
        listed = [
            self._image(name) | {"platform": {"architecture": name, "os": "linux"}} for name in ("amd64", "arm64")
        ]
        self.list = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": listed}).encode()
        top = self._blob(self.list, INDEX) | {"annotations": {"org.opencontainers.image.ref.name": "1.0"}}
        (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [top]}))

    @property
    def blobs(self) -> set[str]:
        """Digests of all that it holds."""
        return {file.name for file in (self.folder / "blobs/sha256").iterdir()}

    def _image(self, name: str) -> dict[str, Any]:
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w") as archive:
            content = f"content for {name}".encode() * 5000
            entry = tarfile.TarInfo("file")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        config = {"architecture": name, "os": "linux", "config": {"Labels": {"team": "blue"}}}
        config["rootfs"] = {"type": "layers", "diff_ids": [f"sha256:{sha256(data.getvalue())}"]}
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self._blob(json.dumps(config).encode(), "application/vnd.oci.image.config.v1+json"),
            "layers": [
                self._blob(gzip.compress(data.getvalue(), mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip")
            ],
        }
        return self._blob(json.dumps(manifest).encode(), MANIFEST)

    def _blob(self, data: bytes, media: str) -> dict[str, Any]:
        (self.folder / "blobs/sha256" / sha256(data)).write_bytes(data)
        return {"mediaType": media, "digest": f"sha256:{sha256(data)}", "size": len(data)}


def skopeo(home: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """skopeo with a configuration of its own."""
    policy, registries = home / "policy.json", home / "registries.conf"
    policy.write_text('{"default":[{"type":"insecureAcceptAnything"}]}')
    registries.write_text("")
    options = ["--policy", policy, "--registries-conf", registries, "--tmpdir", home]
    return run([program("skopeo"), *options, *arguments], home, environ=environ)


def login(side: str = "", user: tuple[str, str] = ADMIN) -> list[str]:
    """Options of a command for one of its registries."""
    side = f"{side}-" if side else ""
    return [f"--{side}tls-verify=false", f"--{side}creds={user[0]}:{user[1]}"]


def image(made: Sites, place: str, tag: str = "1.0", name: str = "team/app") -> str:
    """An image by the repository path method."""
    root, _, repository = made.places[place].partition("/artifactory/api/docker/")
    return f"docker://{root.partition('//')[2]}/{repository}/{name}:{tag}"


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    return Layout(tmp_path_factory.mktemp("layout"))


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory, layout: Layout) -> Iterator[Sites]:
    """Platforms to which skopeo pushed the layout, by way of the virtual repository."""
    folder = tmp_path_factory.mktemp("oci")
    with sites(folder, "docker", "api/docker/") as made:
        done = skopeo(folder, "copy", "--all", *login("dest"), f"oci:{layout.folder}:1.0", image(made, "virtual"))
        assert done.returncode == 0, done.stderr
        yield made


@pytest.mark.parametrize("place", PLACES)
def test_the_list_is_what_was_pushed(registry: Sites, layout: Layout, tmp_path: Path, place: str) -> None:
    done = skopeo(tmp_path, "inspect", "--raw", *login(), image(registry, place))
    assert done.returncode == 0, done.stderr
    assert done.stdout.encode() == layout.list


@pytest.mark.parametrize("place", PLACES)
def test_an_image_comes_back_with_every_blob(registry: Sites, layout: Layout, tmp_path: Path, place: str) -> None:
    target = tmp_path / "copy"
    done = skopeo(tmp_path, "copy", "--all", *login("src"), image(registry, place), f"oci:{target}:1.0")
    assert done.returncode == 0, done.stderr
    found = {file.name: sha256(file.read_bytes()) for file in (target / "blobs/sha256").iterdir()}
    assert found == {name: name for name in layout.blobs}


def test_layers_lie_in_the_folder_of_their_tag(registry: Sites, layout: Layout) -> None:
    listed = registry.call(registry.near, "GET", "api/storage/lib-local/team/app?list&deep=1").json()["files"]
    names = {file["uri"]: file["sha2"] for file in listed}
    assert names["/1.0/list.manifest.json"] == sha256(layout.list)
    assert {name.rpartition("__")[2] for name in names if "sha256__" in name} <= layout.blobs
    assert sum(name.endswith("/manifest.json") for name in names) == 2


def test_one_architecture_is_inspected(registry: Sites, tmp_path: Path) -> None:
    options = ["--override-arch", "arm64", "--override-os", "linux"]
    done = skopeo(tmp_path, *options, "inspect", *login(), image(registry, "remote"))
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert (shown["Architecture"], shown["Labels"], shown["RepoTags"]) == ("arm64", {"team": "blue"}, ["1.0"])


def test_an_image_is_copied_listed_and_deleted(registry: Sites, tmp_path: Path) -> None:
    target = image(registry, "local", "2.0", "team/copied")
    source = image(registry, "virtual over the remote")
    copied = skopeo(tmp_path, "copy", "--all", *login("src"), *login("dest"), source, target)
    assert copied.returncode == 0, copied.stderr
    listed = skopeo(tmp_path, "list-tags", *login(), target.rpartition(":")[0])
    assert json.loads(listed.stdout)["Tags"] == ["2.0"]
    deleted = skopeo(tmp_path, "delete", *login(), target)
    assert deleted.returncode == 0, deleted.stderr
    assert "manifest unknown" in skopeo(tmp_path, "inspect", *login(), target).stderr


def test_schema_2_is_kept_as_it_is(registry: Sites, layout: Layout, tmp_path: Path) -> None:
    target = image(registry, "virtual", "docker", "team/v2s2")
    source = f"oci:{layout.folder}:1.0"
    options = ["--override-arch", "amd64", "--override-os", "linux"]
    done = skopeo(tmp_path, *options, "copy", "--format", "v2s2", *login("dest"), source, target)
    assert done.returncode == 0, done.stderr
    raw = skopeo(tmp_path, "inspect", "--raw", *login(), target).stdout
    assert json.loads(raw)["mediaType"] == "application/vnd.docker.distribution.manifest.v2+json"


@pytest.mark.parametrize("user", [GUEST, ("admin", "wrong")])
def test_nobody_without_permission_pushes_or_pulls(
    registry: Sites, layout: Layout, tmp_path: Path, user: tuple[str, str]
) -> None:
    target = image(registry, "virtual", "3.0")
    push = skopeo(tmp_path, "copy", "--all", *login("dest", user), f"oci:{layout.folder}:1.0", target)
    pull = skopeo(tmp_path, "inspect", *login("", user), image(registry, "virtual"))
    assert push.returncode != 0
    assert pull.returncode != 0
    assert "denied" in pull.stderr.lower() or "unauthorized" in pull.stderr.lower(), pull.stderr
    assert "3.0" not in registry.call(registry.near, "GET", "api/docker/lib-local/v2/team/app/tags/list").json()["tags"]
