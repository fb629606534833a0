"""Commands of a machine about disks: a mounted file system is a link from the mount point to the directory that stands for it.

What a script may ask (paths with or without the machine's root in front, devices as `/dev/sdf`, `/dev/nvme1n1`,
`/dev/disk/by-id/…`, `UUID=…`, `LABEL=…`):

* `lsblk [-n] [-o NAME,FSTYPE,SIZE,MOUNTPOINT,UUID,SERIAL] [DEVICE]`, `blkid [-s TYPE|UUID|LABEL] [-o value|export] [DEVICE]`
  (2 when the device has no file system)
* `mkfs.xfs|mkfs.ext4 [-L LABEL] DEVICE`, `mkfs -t TYPE DEVICE`: refused for a device that has a file system, unless `-f` or `-F`
* `mount [-t TYPE] [-o OPTIONS] SOURCE DIRECTORY`; TYPE `nfs`, `nfs4` (SOURCE `fs-….efs.REGION.amazonaws.com:/[path]`) and `efs`
  (also `fs-…[:/path]`, where amazon-efs-utils is installed; with the option `tls` the source is `127.0.0.1` from then on)
  mount EFS; `mount DIRECTORY` and `mount -a` read `etc/fstab`; 32 when it cannot be, as without `tls` where the file
  system's policy asks for it
* `umount [-l] DIRECTORY`, `mountpoint [-q] DIRECTORY` (1 when it is none), `findmnt [-n] [-o COLUMNS] [DIRECTORY]`
  (also `--mountpoint DIRECTORY`, `--target PATH`, `--source SOURCE`; 1 when nothing is found)
* `xfs_growfs`, `resize2fs`: the file system takes the volume's size; `df` is not answered

A device appears a moment after `attach-volume` has answered, as on AWS: wait for its file, with `-e` (it is no block device).
Mounts end with the power; `etc/fstab` is read again when it comes back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from artifactory_sandbox.data_plane.block_devices import BlockDevices
from artifactory_sandbox.data_plane.disks import Disks, Unreachable
from artifactory_sandbox.data_plane.machine import Machine
from artifactory_sandbox.data_plane.mount_words import Wrong, columns, named, parse
from artifactory_sandbox.data_plane.units import Answer

_NETWORK = {"nfs", "nfs4", "efs"}
_EFS_UTILS = "amazon-efs-utils"


@dataclass(frozen=True, slots=True)
class Mount:
    """One mounted file system."""

    source: str
    target: str
    kind: str
    options: str
    behind: Path
    size: int | None = None


class Mounts:
    """What is mounted where, by machine."""

    def __init__(self, disks: Disks) -> None:
        self._disks = disks
        self._devices = BlockDevices(disks, self.target_of)
        self._mounted: dict[str, dict[str, Mount]] = {}
        self._verbs: dict[str, Callable[[Machine, list[str]], Answer]] = {
            "mount": self._mount,
            "umount": self._umount,
            "mountpoint": self._mountpoint,
            "findmnt": self._findmnt,
            "xfs_growfs": self._grow,
            "resize2fs": self._grow,
            **self._devices.verbs,
        }

    def knows(self, command: str) -> bool:
        """Whether a command is one of these."""
        return command in self._verbs

    def command(self, machine: Machine, name: str, arguments: Sequence[str]) -> Answer:
        """Carries one out."""
        with machine.lock:
            try:
                words = ["-t", name.partition(".")[2], *arguments] if name.startswith("mkfs.") else list(arguments)
                return self._verbs[name](machine, words)
            except Wrong as error:
                return Answer(error.code, f"{name}: {error}")

    def of(self, machine: Machine) -> list[Mount]:
        """What a machine has mounted."""
        return list(self._mounted.get(machine.id, {}).values())

    def target_of(self, machine: Machine, source: str) -> str:
        """Where something is mounted; empty when it is not."""
        return next((one.target for one in self.of(machine) if one.source == source), "")

    def power_off(self, machine: Machine) -> None:
        """Nothing is mounted any more."""
        for mount in reversed(self.of(machine)):
            self._take_away(machine, mount)

    def power_on(self, machine: Machine) -> None:
        """`etc/fstab`; what cannot be mounted is left out, as with `nofail`."""
        self._disks.attached(machine)
        if (machine.root / "etc/fstab").is_file():
            self.command(machine, "mount", ["-a"])

    def gone(self, machine: Machine) -> None:
        """The machine is terminated: its root goes, what was mounted stays."""
        self.power_off(machine)
        self._mounted.pop(machine.id, None)
        self._disks.detach_all(machine)

    # mount and its kin

    def _mount(self, machine: Machine, arguments: list[str]) -> Answer:
        given = parse(arguments, flags="avwnrf", values="to", long={"all"})
        if not given.words and not given.has("a", "all"):
            return Answer(
                0,
                "\n".join(f"{one.source} on {one.target} type {one.kind} ({one.options})" for one in self.of(machine)),
            )
        if given.has("a", "all"):
            wanted = [
                row for row in _fstab(machine) if "noauto" not in row[3].split(",") and not self._at(machine, row[1])
            ]
        elif len(given.words) == 1:
            wanted = [row for row in _fstab(machine) if row[1] == named(machine, given.words[0])]
            if not wanted:
                raise Wrong(f"{given.words[0]}: can't find in /etc/fstab.")
        else:
            source, target = given.words[-2:]
            wanted = [(source, named(machine, target), given.value("t", default=""), given.value("o", default="rw"))]
        failed = [
            text for row in wanted if (text := self._mount_one(machine, *row)) and "nofail" not in row[3].split(",")
        ]
        return Answer(32 if failed else 0, "\n".join(failed))

    def _mount_one(self, machine: Machine, source: str, target: str, kind: str, options: str) -> str:
        """Mounts; why it cannot be, or an empty text."""
        place = machine.root / target.lstrip("/")
        if self._at(machine, target):
            return f"mount: {target}: {source} already mounted or mount point busy."
        if not place.is_dir():
            return f"mount: {target}: mount point does not exist."
        try:
            if kind in _NETWORK or source.startswith("fs-"):
                made = self._network(machine, source, target, kind or "nfs4", options)
            else:
                made = self._block(machine, source, target, kind, options)
        except (Unreachable, Wrong) as error:
            return f"mount: {target}: {error}"
        hidden = place.with_name(f".under-{place.name}")
        place.rename(hidden)
        place.symlink_to(made.behind, target_is_directory=True)
        self._mounted.setdefault(machine.id, {})[target] = made
        return ""

    def _network(self, machine: Machine, source: str, target: str, kind: str, options: str) -> Mount:
        if kind == "efs" and _EFS_UTILS not in machine.packages:
            raise Wrong("unknown filesystem type 'efs'.")
        encrypted = kind == "efs" and "tls" in options.split(",")
        server, _, path = source.partition(":")
        behind = self._disks.file_system(machine, server, encrypted=encrypted) / path.lstrip("/")
        if not behind.is_dir():
            raise Unreachable(f"mounting {source} failed, reason given by server: No such file or directory")
        return Mount(f"127.0.0.1:{path or '/'}" if encrypted else source, target, "nfs4", options, behind)

    def _block(self, machine: Machine, source: str, target: str, kind: str, options: str) -> Mount:
        name, volume = self._devices.find(machine, source)
        made = volume.format()
        if not made or kind not in {"", "auto", made["type"]}:
            raise Wrong(
                "wrong fs type, bad option, bad superblock on "
                + f"/dev/{name}, missing codepage or helper program, or other error."
            )
        return Mount(f"/dev/{name}", target, made["type"], options, volume.files, int(made["size"]))

    def _umount(self, machine: Machine, arguments: list[str]) -> Answer:
        for word in parse(arguments, flags="lfv").words:
            mount = self._at(machine, named(machine, word)) or next(
                (one for one in self.of(machine) if one.source == word), None
            )
            if mount is None:
                raise Wrong(f"{word}: not mounted.")
            self._take_away(machine, mount)
        return Answer(0)

    def _take_away(self, machine: Machine, mount: Mount) -> None:
        place = machine.root / mount.target.lstrip("/")
        place.unlink(missing_ok=True)
        place.with_name(f".under-{place.name}").rename(place)
        del self._mounted[machine.id][mount.target]

    def _mountpoint(self, machine: Machine, arguments: list[str]) -> Answer:
        given = parse(arguments, flags="qd", long={"quiet"})
        found = self._at(machine, named(machine, given.words[0])) if given.words else None
        said = f"{given.words[0] if given.words else ''} is {'' if found else 'not '}a mountpoint"
        return Answer(0 if found else 1, "" if given.has("q", "quiet") else said)

    def _findmnt(self, machine: Machine, arguments: list[str]) -> Answer:
        given = parse(
            arguments,
            flags="nrlf",
            values="oSTMt",
            long={"noheadings", "raw"},
            long_values={"output", "target", "mountpoint", "source"},
        )
        found = self.of(machine)
        if path := given.value("T", "target"):
            inside = named(machine, path)
            found = [one for one in found if f"{inside}/".startswith(f"{one.target}/")][-1:]
        if word := given.value("M", "mountpoint", default=given.words[0] if given.words else ""):
            found = [one for one in found if one.target == named(machine, word) or one.source == word]
        if source := given.value("S", "source"):
            found = [one for one in found if one.source == source]
        rows = [
            {"TARGET": one.target, "SOURCE": one.source, "FSTYPE": one.kind, "OPTIONS": one.options} for one in found
        ]
        wanted = given.value("o", "output", default="TARGET,SOURCE,FSTYPE,OPTIONS")
        return Answer(0 if rows else 1, columns(rows, wanted, heading=not given.has("n", "noheadings")) if rows else "")

    def _grow(self, machine: Machine, arguments: list[str]) -> Answer:
        word = parse(arguments, flags="dn").words[-1]
        mounted = self._at(machine, named(machine, word))
        _, volume = self._devices.find(machine, mounted.source if mounted else word)
        volume.write({**volume.format(), "size": str(volume.size)})
        return Answer(0)

    def _at(self, machine: Machine, target: str) -> Mount | None:
        return self._mounted.get(machine.id, {}).get(target)


def _fstab(machine: Machine) -> list[tuple[str, str, str, str]]:
    try:
        lines = (machine.root / "etc/fstab").read_text().splitlines()
    except FileNotFoundError:
        return []
    rows = [line.split() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return [
        (row[0], named(machine, row[1]), row[2], row[3] if len(row) > 3 else "defaults") for row in rows if len(row) > 2
    ]
