"""Finds the Pulumi CLI and its Python host, or makes them: PATH, our cache, the official archive, a Go build.

Each way answers with a folder or raises `Unavailable` with one sentence, so that the next way is tried and the last
error names every reason.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import go_build
import official_archive
from workshop import Progress, Stop, Unavailable, appearing_whole, locked

VERSION = "3.259.0"
"""Of the CLI and, moved together, of the SDK in pyproject.toml."""

PROGRAMS = ("pulumi", "pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python")
"""The engine, the Python host, the script it starts programs with, the launcher of dynamic providers."""

Way = Callable[[Path, str, Progress], None]
"""Fills a folder with `PROGRAMS` of a version, or raises `Unavailable`."""

WAYS: Sequence[tuple[str, Way]] = (("official archive", official_archive.fetch), ("Go build", go_build.build))


@dataclass(frozen=True)
class Cli:
    """A usable Pulumi: its version, where it came from, and the folders that PATH needs for it."""

    version: str
    origin: str
    folders: tuple[Path, ...]


def parse_version(text: str) -> tuple[int, int, int] | None:
    """`v3.259.0` or `3.260.1-alpha.2` to numbers; None for anything else.

    >>> parse_version("v3.259.0")
    (3, 259, 0)
    """
    found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", text.strip())
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def is_new_enough(text: str) -> bool:
    """The pinned minor or a newer one of the same major: state and plugin protocol stay compatible within it."""
    version, pinned = parse_version(text), parse_version(VERSION)
    if version is None or pinned is None:
        return False
    return version[0] == pinned[0] and version[1] >= pinned[1]


def on_path(path: str) -> Cli | None:
    """A CLI that somebody installed, if it is new enough and its Python host is on PATH too."""
    pulumi, host = shutil.which("pulumi", path=path), shutil.which("pulumi-language-python", path=path)
    if pulumi is None or host is None:
        return None
    version = _version_of(Path(pulumi))
    if not is_new_enough(version):
        return None
    return Cli(version, "PATH", tuple(dict.fromkeys((Path(pulumi).parent, Path(host).parent))))


def cached(cache: Path) -> Cli | None:
    """What an earlier `install` left in our cache."""
    folder = _folder(cache)
    complete = all(os.access(folder / program, os.X_OK) for program in PROGRAMS)
    return Cli(VERSION, "cache", (folder,)) if complete else None


def find(path: str, cache: Path) -> Cli | None:
    """A CLI that is there already, without installing anything."""
    return on_path(path) or cached(cache)


def install(path: str, cache: Path, progress: Progress, ways: Sequence[tuple[str, Way]] = WAYS) -> Cli:
    """The CLI to use, made by the first way that works when there is none. Raises `Stop` with every reason."""
    if cli := find(path, cache):
        return cli
    folder = _folder(cache)
    with locked(folder.with_name(f"{folder.name}.lock"), progress):
        return cached(cache) or _make(folder, progress, ways)


def _make(folder: Path, progress: Progress, ways: Sequence[tuple[str, Way]]) -> Cli:
    reasons = []
    for name, way in ways:
        try:
            with appearing_whole(folder) as draft:
                way(draft, VERSION, progress)
                _check(draft)
        except Unavailable as reason:
            progress.say(f"Pulumi CLI by {name}: not possible ({reason})")
            reasons.append(f"  {name}: {reason}")
        else:
            return Cli(VERSION, name, (folder,))
    raise Stop(
        f"There is no Pulumi CLI {VERSION} and no way to get one:\n" + "\n".join(reasons) + "\n"
        f"Install Go {go_build.GO_MINIMUM} or newer (it is then built from modules, about 4 minutes), "
        f"or put Pulumi {VERSION} with its Python host on PATH, and run this again."
    )


def _check(folder: Path) -> None:
    """What was made has all its parts and says it is the pinned version."""
    missing = [program for program in PROGRAMS if not os.access(folder / program, os.X_OK)]
    if missing:
        raise Unavailable(f"it lacks {', '.join(missing)}")
    version = _version_of(folder / "pulumi")
    if parse_version(version) != parse_version(VERSION):
        raise Unavailable(f"it answers version {version or 'nothing'}, not {VERSION}")


def _folder(cache: Path) -> Path:
    return cache / f"pulumi-{VERSION}-{platform.system().lower()}-{platform.machine()}"


def _version_of(pulumi: Path) -> str:
    """What `pulumi version` prints; empty when the program cannot be run."""
    environ = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        answer = subprocess.run(
            [pulumi, "version"], env=environ, capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()
