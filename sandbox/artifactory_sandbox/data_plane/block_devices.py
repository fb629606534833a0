"""Commands of a machine about its EBS volumes: what there is, what is on it, a file system on it."""

from collections.abc import Callable

from artifactory_sandbox.data_plane.disks import Disks, Volume
from artifactory_sandbox.data_plane.machine import Machine
from artifactory_sandbox.data_plane.mount_words import Wrong, columns, named, parse
from artifactory_sandbox.data_plane.units import Answer


class BlockDevices:
    """`target_of` says where a device of a machine is mounted."""

    def __init__(self, disks: Disks, target_of: Callable[[Machine, str], str]) -> None:
        self._disks = disks
        self._target_of = target_of
        self.verbs: dict[str, Callable[[Machine, list[str]], Answer]] = {
            "blkid": self._blkid,
            "lsblk": self._lsblk,
            "mkfs": self._mkfs,
            "mkfs.xfs": self._mkfs,
            "mkfs.ext4": self._mkfs,
        }

    def find(self, machine: Machine, word: str) -> tuple[str, Volume]:
        """A device by any of its names; raises Wrong."""
        volumes = self._disks.attached(machine)
        key, _, value = word.partition("=")
        if value:
            for name, volume in volumes.items():
                if volume.format().get(key.lower()) == value.strip('"'):
                    return name, volume
            raise Wrong(f"can't find {word}.")
        path = machine.root / named(machine, word).lstrip("/")
        name = (path.readlink() if path.is_symlink() else path).name
        if name not in volumes or not path.exists():
            raise Wrong(f"special device {word} does not exist.", code=2 if word.startswith("/dev") else 32)
        return name, volumes[name]

    def _blkid(self, machine: Machine, arguments: list[str]) -> Answer:
        given = parse(arguments, flags="pc", values="sot", long_values={"match-tag", "output"})
        try:
            volumes = (
                dict([self.find(machine, word)])
                if (word := next(iter(given.words), ""))
                else self._disks.attached(machine)
            )
        except Wrong:
            return Answer(2)
        only, shape = given.value("s", "match-tag"), given.value("o", "output")
        lines = []
        for name, volume in volumes.items():
            made = {key.upper(): value for key, value in volume.format().items() if key != "size" and value}
            shown = {key: value for key, value in made.items() if only in {"", key}}
            if shown and shape == "value":
                lines += list(shown.values())
            elif shown:
                lines.append(f"/dev/{name}: " + " ".join(f'{key}="{value}"' for key, value in shown.items()))
        return Answer(0 if lines else 2, "\n".join(lines))

    def _lsblk(self, machine: Machine, arguments: list[str]) -> Answer:
        given = parse(
            arguments,
            flags="nrlpdfb",
            values="o",
            long={"noheadings", "raw", "nodeps", "paths"},
            long_values={"output"},
        )
        volumes = dict([self.find(machine, given.words[0])]) if given.words else self._disks.attached(machine)
        rows = [
            {
                "NAME": f"/dev/{name}" if given.has("p", "paths") else name,
                "TYPE": "disk",
                "SIZE": str(volume.size) if given.has("b") else f"{volume.size_gib}G",
                "FSTYPE": volume.format().get("type", ""),
                "UUID": volume.format().get("uuid", ""),
                "LABEL": volume.format().get("label", ""),
                "SERIAL": volume.id.replace("-", ""),
                "MOUNTPOINT": self._target_of(machine, f"/dev/{name}"),
            }
            for name, volume in volumes.items()
        ]
        wanted = given.value("o", "output", default="NAME,SIZE,TYPE,FSTYPE,MOUNTPOINT")
        return Answer(0, columns(rows, wanted, heading=not given.has("n", "noheadings")))

    def _mkfs(self, machine: Machine, arguments: list[str]) -> Answer:
        given = parse(arguments, flags="fFqKV", values="tLmibdnE")
        if not given.words:
            raise Wrong("no device specified", code=1)
        name, volume = self.find(machine, given.words[-1])
        if volume.format() and not given.has("f", "F"):
            raise Wrong(f"/dev/{name} appears to contain an existing filesystem ({volume.format()['type']}).", code=1)
        volume.make(given.value("t", default="ext4"), given.value("L"))
        return Answer(0)
