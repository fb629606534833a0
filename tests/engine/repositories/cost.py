"""What the engine's runs against a simulated platform cost."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from artifactory_estate.rest import repositories
from tests.clients.running import Running
from tests.support.engine import Engine

PROGRAM = Path(__file__).parent / "program"


def engine_of(folder: Path, program: Path, lab: Running) -> Engine:
    """A project whose program reaches the platform."""
    environment = {"ARTIFACTORY_TOKEN": lab.token_file.read_text(), "URL": lab.url, "no_proxy": "127.0.0.1"}
    return Engine(folder, program, environment=environment)


def keys(lab: Running) -> set[str]:
    """Repositories at the platform, by 1 request."""
    found = repositories.all_configurations(lab.platform)
    return {key for key, item in found.items() if item["packageType"] != "buildinfo"}


@dataclass(frozen=True)
class Cost:
    """Of one run."""

    requests: int
    """To the platform."""
    seconds: float
    """The engine's start and end included."""


def cost(lab: Running, run: Callable[[], object]) -> Cost:
    """Run it and count."""
    calls, start = lab.calls, time.monotonic()
    run()
    return Cost(requests=lab.calls - calls, seconds=time.monotonic() - start)


def state_bytes(engine: Engine) -> int:
    """Size of the checkpoint as it lies in the file backend."""
    stacks = engine.folder / "state" / ".pulumi" / "stacks" / "artifactory-estate"
    return (stacks / f"{engine.stack}.json").stat().st_size


def longest_text(engine: Engine) -> int:
    """Bytes of the longest JSON text by which `many` declares a repository."""
    texts: dict[str, str] = engine.resources()["many"]["inputs"]["repositories"]
    return max(len(text.encode()) for text in texts.values())
