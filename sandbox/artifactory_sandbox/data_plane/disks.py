"""EBS volumes and EFS file systems as directories that outlive every instance.

A volume is `volumes/<id>/`: `filesystem.json` once it was formatted, and `files/`. A file system of EFS is
`file-systems/<id>/`. On a machine an attached volume is a file of its root's `dev/`, named as on an instance of the Nitro
kind: `nvme1n1`, with the links `sdf`, `xvdf` and `disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123…`.
"""

import json
import re
import shutil
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artifactory_sandbox.aws import backends
from artifactory_sandbox.data_plane.machine import Machine

_NFS_PORT = 2049
_BY_ID = "disk/by-id/nvme-Amazon_Elastic_Block_Store_"
_EFS = re.compile(
    r"(?:(?P<zone>[a-z]{2}-[a-z]+-\d[a-z])\.)?(?P<id>fs-[0-9a-f]+)(?:\.efs\.(?P<region>[a-z0-9-]+)\.amazonaws\.com)?"
)
_GIB = 1024**3
_SECURE = "aws:SecureTransport"


class Unreachable(Exception):
    """What mount says of a file system that it cannot reach."""


@dataclass(frozen=True, slots=True)
class Volume:
    """One EBS volume."""

    id: str
    size_gib: int
    directory: Path

    @property
    def files(self) -> Path:
        """What stands on it."""
        return self.directory / "files"

    @property
    def size(self) -> int:
        """Bytes."""
        return self.size_gib * _GIB

    def format(self) -> dict[str, str]:
        """`type`, `uuid`, `label` and `size` of its file system; empty while it has none."""
        try:
            found: dict[str, str] = json.loads((self.directory / "filesystem.json").read_text())
        except FileNotFoundError:
            return {}
        return found

    def make(self, kind: str, label: str = "") -> None:
        """A new, empty file system."""
        shutil.rmtree(self.files, ignore_errors=True)
        self.files.mkdir(parents=True)
        self.write({"type": kind, "uuid": str(uuid.uuid4()), "label": label, "size": str(self.size)})

    def write(self, made: dict[str, str]) -> None:
        """What `format` answers from now on."""
        (self.directory / "filesystem.json").write_text(json.dumps(made))


def _asks_for_tls(policy: str | None) -> bool:
    """Whether the policy of a file system denies what comes without TLS."""
    return any(
        statement["Effect"] == "Deny"
        and "false" in str(statement.get("Condition", {}).get("Bool", {}).get(_SECURE)).lower()
        for statement in json.loads(policy or "{}").get("Statement", [])
    )


class Disks:
    """The disks of a sandbox."""

    def __init__(self, directory: Path) -> None:
        self._volumes = directory / "volumes"
        self._file_systems = directory / "file-systems"
        self._lock = threading.Lock()
        self._names: dict[str, dict[str, str]] = {}

    def attached(self, machine: Machine) -> dict[str, Volume]:
        """The volumes of a machine by the name of their device, and their files in `dev/` as they are now."""
        wanted = {volume.id: volume for volume in backends.volumes_of(machine.account, machine.region, machine.id)}
        with self._lock:
            names = self._names.setdefault(machine.id, {})
            for gone in names.keys() - wanted.keys():
                self._drop(machine, names.pop(gone))
            for id_, volume in wanted.items():
                if id_ not in names:
                    names[id_] = next(name for n in range(1, 64) if (name := f"nvme{n}n1") not in names.values())
                    self._appear(machine, names[id_], volume)
            return {names[id_]: self._volume(row) for id_, row in wanted.items()}

    def file_system(self, machine: Machine, server: str, *, encrypted: bool) -> Path:
        """The directory of an EFS file system by its DNS name, or by its id alone; raises Unreachable. `encrypted`: by TLS."""
        found = _EFS.fullmatch(server)
        row = backends.file_system(machine.account, machine.region, found["id"]) if found else None
        if found is None or row is None or found["region"] not in {None, machine.region}:
            raise Unreachable(f"Failed to resolve server {server}: Name or service not known")
        targets = [target for target in row.iter_mount_targets() if target.availability_zone_name == machine.zone]
        if not targets or found["zone"] not in {None, machine.zone}:
            raise Unreachable(f"Failed to resolve server {server}: Name or service not known")
        if not backends.lets_in(machine.account, machine.region, targets[0].security_groups, _NFS_PORT):
            raise Unreachable(f"Connection timed out for {server}")
        if not encrypted and _asks_for_tls(row.file_system_policy):
            raise Unreachable(f"access denied by server while mounting {server}")
        path = self._file_systems / found["id"]
        path.mkdir(parents=True, exist_ok=True)
        return path

    def forget(self) -> None:
        """Removes what moto knows no more; the names of machines that are gone are free."""
        volumes = {row.id for _, _, ec2 in backends.each("ec2") for row in list(ec2.volumes.values())}
        systems = {id_ for _, _, efs in backends.each("efs") for id_ in list(efs.file_systems_by_id)}
        for directory, known in ((self._volumes, volumes), (self._file_systems, systems)):
            for path in directory.iterdir() if directory.is_dir() else ():
                if path.name not in known:
                    shutil.rmtree(path, ignore_errors=True)

    def detach_all(self, machine: Machine) -> None:
        """The machine is gone."""
        with self._lock:
            self._names.pop(machine.id, None)

    def _volume(self, row: Any) -> Volume:
        directory = self._volumes / row.id
        directory.mkdir(parents=True, exist_ok=True)
        return Volume(row.id, int(row.size), directory)

    def _appear(self, machine: Machine, name: str, row: Any) -> None:
        folder = machine.root / "dev"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{row.id}\n")
        letter = row.attachment.device.rpartition("/")[2].removeprefix("xvd").removeprefix("sd")
        for link in (f"sd{letter}", f"xvd{letter}", f"{_BY_ID}{row.id.replace('-', '')}"):
            path = folder / link
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.symlink_to(folder / name)

    @staticmethod
    def _drop(machine: Machine, name: str) -> None:
        folder = machine.root / "dev"
        for path in (*folder.glob("*"), *folder.glob("disk/by-id/*")):
            if path.is_symlink() and path.readlink() == folder / name:
                path.unlink()
        (folder / name).unlink(missing_ok=True)
