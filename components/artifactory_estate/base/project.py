"""Where relative paths of a document begin, whatever folder a process was started in."""

import os
from pathlib import Path

VARIABLE = "ESTATE_PROJECT"
"""Names the root where it cannot be found: a project whose program stands elsewhere."""


def root() -> Path:
    """`$ESTATE_PROJECT`; else the nearest folder at or above the current one that holds a Pulumi.yaml; else that one.

    The engine starts programs and providers in folders of its own choice, and state must not carry absolute paths, so
    `file:` references and `file://` backends are resolved from here when they are used.
    """
    if named := os.environ.get(VARIABLE):
        return Path(named)
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / "Pulumi.yaml").is_file()), here)


def in_project(path: str | Path) -> Path:
    """`path` below the project's root; `~` and absolute paths as they are."""
    return root() / Path(path).expanduser()
