"""Commands of a machine that the sandbox answers: small scripts first on its PATH that ask the control API."""

import sys
from pathlib import Path

_DISKS = (
    *("mount", "umount", "mountpoint", "findmnt", "blkid", "lsblk", "mkfs", "mkfs.xfs", "mkfs.ext4"),
    *("xfs_growfs", "resize2fs"),
)
"""What they take is told in `data_plane/mounts.py`."""

ASKED = (
    "systemctl",
    "service",
    "dnf",
    "yum",
    "rpm",
    "psql",
    "mysql",
    "sqlplus",
    "sqlcmd",
    "shutdown",
    "reboot",
    *_DISKS,
)
"""Answered by the control API."""

ACCEPTED = (
    "chown",
    "chgrp",
    "useradd",
    "groupadd",
    "usermod",
    "restorecon",
    "setsebool",
    "semanage",
    "sysctl",
    "sync",
    "udevadm",
)
"""Done without doing anything: they need root, or change the machine they run on."""

AWS = "aws.socket"
"""Where the loaded AWS command line client listens, in the directory of the scripts."""

_ASK = """#!/bin/sh
exec '{python}' -I -S '{script}' '{name}' "$@"
"""
_ACCEPT = """#!/bin/sh
exit 0
"""
_AWS = """#!/bin/sh
exec '{python}' -I -S '{script}' '{socket}' "$@"
"""
_INSTALL = """#!/bin/sh
# install(1) without owner and group, which need root
for argument in "$@"; do
  shift
  if [ -n "$skip" ]; then skip=; continue; fi
  case "$argument" in
    -o|-g|--owner|--group) skip=1 ;;
    --owner=*|--group=*) ;;
    *) set -- "$@" "$argument" ;;
  esac
done
exec /usr/bin/install "$@"
"""


def write(directory: Path) -> Path:
    """Writes the scripts into a directory, and returns it."""
    directory.mkdir(parents=True, exist_ok=True)
    ask = Path(__file__).with_name("ask.py")
    texts = {name: _ASK.format(python=sys.executable, script=ask, name=name) for name in ASKED}
    texts |= dict.fromkeys(ACCEPTED, _ACCEPT) | {"install": _INSTALL}
    texts["aws"] = _AWS.format(python=sys.executable, script=Path(__file__).with_name("aws.py"), socket=directory / AWS)
    for name, text in texts.items():
        path = directory / name
        path.write_text(text)
        path.chmod(0o755)
    return directory
