"""What a killed engine leaves of a write to a `file://` backend.

The engine replaces a checkpoint whole, but the sidecar `<stack>.json.attrs` (content type and digest, of no use on a disk)
is written in place: cut off there, the engine refuses to read the checkpoint ever again ("failed to load checkpoint: EOF").
Without the sidecar it reads it.
"""

import json
from pathlib import Path

from artifactory_estate.operations.project import NAME, Project


def mend(project: Project, stack: str) -> None:
    """Remove a torn sidecar and unfinished copies of the stack's checkpoint. Nobody else may be working on the stack."""
    if not project.backend.startswith("file://"):
        return
    folder = Path(project.backend.removeprefix("file://")) / ".pulumi" / "stacks" / NAME
    for sidecar in folder.glob(f"{stack}.json*.attrs"):
        if not _is_whole(sidecar):
            sidecar.unlink(missing_ok=True)
    for copy in folder.glob(f"{stack}.json.*.tmp"):
        copy.unlink(missing_ok=True)


def _is_whole(sidecar: Path) -> bool:
    try:
        json.loads(sidecar.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True
