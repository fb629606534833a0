"""The rooms whose reviewed files are booted, and how a file of each comes to a node. A new room is a line of ROOMS."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import boto3
import yaml

from artifactory_estate.load_balancer.render import TLS_FOLDER
from artifactory_sandbox.network.authority import Authority
from artifactory_sandbox.platform.boot.files import Files

UNIT = Path(__file__).parents[2] / "unit"
_SECRET = re.compile(r"@@SECRET:([\w-]+)@@")
_BUCKET = re.compile(r"<bucketName>([^<]+)</bucketName>")


@dataclass(frozen=True)
class Golden:
    """One reviewed file."""

    room: str
    path: Path

    @property
    def id(self) -> str:
        return f"{self.room}-{self.path.stem}"


@dataclass(frozen=True)
class Room:
    """`pattern`: which files of `tests/unit/<name>/golden`. `place` puts the text of one where the node reads it; the node is
    otherwise whole, and `place` may change any of its files. `version`: Artifactory's, when the file needs another."""

    pattern: str
    place: Callable[[Files, str], None]
    version: str = ""


def _filestore(files: Files, text: str) -> None:
    for name in set(_BUCKET.findall(text)):
        boto3.client("s3").create_bucket(Bucket=name)
    if "google-storage" in text:  # what the bootstrap writes beside it, when the document names a key
        (files.etc / "artifactory/gcp.credentials.json").write_text("{}")
    (files.etc / "artifactory/binarystore.xml").write_text(filled(text))


def filled(text: str) -> str:
    """With something in place of every secret."""
    return _SECRET.sub(r"secret-\1", text)


def web_server(files: Files, text: str) -> None:
    server = "nginx" if "upstream" in text else "httpd"
    files.front_conf(server).parent.mkdir(parents=True)
    files.front_conf(server).write_text(text)
    if TLS_FOLDER in text:
        tls = files.root / TLS_FOLDER.lstrip("/")
        tls.mkdir(parents=True)
        for name, pem in zip(("site.crt", "site.key"), Authority().issue(["us-east.repo.acme.example"]), strict=True):
            (tls / name).write_text(pem)
    files.front_running(server).parent.mkdir()
    files.front_running(server).write_text("1")


def _database(files: Files, text: str) -> None:
    """The part that the file has of system.yaml, and the jar that the bootstrap lays for it."""
    file = files.etc / "system.yaml"
    tree, part = yaml.safe_load(file.read_text()), yaml.safe_load(filled(text))
    part["shared"]["database"]["password"] = tree["shared"]["database"]["password"]
    shared = {**tree["shared"], **part["shared"]}
    file.write_text(yaml.safe_dump({**tree, **part, "shared": shared}))
    jar = files.var / "bootstrap/artifactory/tomcat/lib/driver.jar"
    jar.parent.mkdir(parents=True)
    jar.touch()


def _size(files: Files, text: str) -> None:
    """One of the three files that a size decides about; what only a node knows is the node's."""
    if text.startswith("<?xml"):
        _filestore(files, text)
    elif text.startswith("configVersion"):
        file = files.etc / "system.yaml"
        tree, part = yaml.safe_load(file.read_text()), yaml.safe_load(text)
        file.write_text(yaml.safe_dump({**part, "shared": {**part["shared"], **tree["shared"]}}))
    else:
        (files.etc / "artifactory/artifactory.system.properties").write_text(text)


ROOMS: dict[str, Room] = {
    "database": Room("*.yaml", _database),
    "filestore": Room("*.xml", _filestore),
    "load_balancer": Room("*-node-*.conf", web_server),
    "site": Room("sizes/*.[!j]*", _size),
}
"""By the folder's name below `tests/unit`."""


def goldens() -> list[Golden]:
    """All that boot a node."""
    return [
        Golden(name, path)
        for name, room in sorted(ROOMS.items())
        for path in sorted((UNIT / name / "golden").glob(room.pattern))
    ]


def fronts() -> list[Golden]:
    """All that boot a web server on a machine of its own."""
    return [Golden("load_balancer", path) for path in sorted((UNIT / "load_balancer/golden").glob("*-front-*.conf"))]
