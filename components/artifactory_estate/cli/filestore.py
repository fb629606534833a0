"""`estate filestore`: bring back, balance, move."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from artifactory_estate.base import EstateError

if TYPE_CHECKING:
    from artifactory_estate.filestore.moves import Move
    from artifactory_estate.operations.filestore import Restored

app = typer.Typer(help="What a site keeps binaries in.", no_args_is_help=True)

Document = Annotated[Path, typer.Argument(help="The estate document.", show_default=False)]
SiteName = Annotated[str, typer.Argument(help="A managed site.", show_default=False)]

out = Console()


@app.command()
def restore(
    document: Document,
    site: SiteName,
    deleted_after: Annotated[
        str, typer.Option(help="The moment to go back to, such as 2026-03-01T09:30:00Z.", show_default=False)
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count only.")] = False,
) -> None:
    """Bring back binaries that were deleted or replaced after a moment, each verified by its checksum. Restore the database
    to that moment first, and keep the garbage collection off meanwhile."""
    from artifactory_estate.operations import filestore as operation
    from artifactory_estate.operations.project import open_project

    after = _moment(deleted_after)
    found = operation.restore(open_project(document).estate, site, after, dry_run=dry_run, tell=_say)
    out.print(f"{site}: {_words(found, dry_run)}", highlight=False, soft_wrap=True)
    for key in found.damaged:
        out.print(f"{site}: no version of {key} has that checksum", highlight=False, soft_wrap=True, markup=False)
    if found.damaged:
        raise typer.Exit(1)


@app.command()
def balance(document: Document, site: SiteName) -> None:
    """Spread a sharded filestore over its members again, as after adding one."""
    from artifactory_estate.operations import filestore as operation
    from artifactory_estate.operations.project import open_project

    out.print(f"{site}: balancing: {operation.balance(open_project(document).estate, site)}", highlight=False)


@app.command()
def move(document: Document, site: SiteName) -> None:
    """Copy a site's binaries from `filestore.move_from` to its filestore, verified; goes on where a killed run stopped. Run
    it before and after the switch."""
    from artifactory_estate.operations.filestore_move import move as operation
    from artifactory_estate.operations.project import open_project

    def tell(now: "Move", doing: str) -> None:
        out.print(f"  {doing}: {now.binaries} binaries, {now.size} bytes copied", highlight=False, soft_wrap=True)

    found = operation(open_project(document).estate, site, tell)
    then = "remove filestore.move_from" if found.finished else "write filestore.move_from.switch: true"
    text = f"{site}: every binary of {found.source} is at {found.target}; now {then} and run up"
    out.print(text, highlight=False, soft_wrap=True, markup=False)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise EstateError(f"--deleted-after {text}: not a moment such as 2026-03-01T09:30:00Z") from error


def _say(now: "Restored") -> None:
    out.print(f"  {now.found} found, {now.restored} brought back", highlight=False)


def _words(found: "Restored", dry_run: bool) -> str:
    size = f"{found.found} binaries, {found.found_bytes} bytes, deleted or replaced"
    if dry_run:
        return size
    return f"{size}; {found.restored} brought back, {found.intact} intact, {len(found.damaged)} damaged"
