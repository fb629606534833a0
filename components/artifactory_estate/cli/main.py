"""The `estate` command: thin, over operations. Every command can be had from Python as well."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from artifactory_estate.base import EstateError
from artifactory_estate.cli import filestore, sandbox

if TYPE_CHECKING:
    from artifactory_estate.estate.model import Estate
    from artifactory_estate.operations.schedule import Report

app = typer.Typer(
    help="One typed document from which a whole Artifactory estate is made true and kept true.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(sandbox.app, name="sandbox")
app.add_typer(filestore.app, name="filestore")

Document = Annotated[Path, typer.Argument(help="The estate document.", show_default=False)]
Stacks = Annotated[
    list[str] | None,
    typer.Argument(help="A site, federation-<name> or dr-<name>. Default: all.", show_default=False),
]
Parallel = Annotated[int, typer.Option(min=1, max=16, help="Engine runs side by side; each takes about 450 MB.")]
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]

out = Console()
err = Console(stderr=True)


@app.command()
def validate(
    document: Document,
    below: Annotated[
        str, typer.Argument(metavar="PATH", help="With --explain: only at and below, such as sites.us-east.nodes.")
    ] = "",
    explain: Annotated[bool, typer.Option("--explain", help="Where each number comes from.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check the document, and warn of what may surprise. Needs no network."""
    from artifactory_estate.cli.explaining import data, invalid, print_numbers
    from artifactory_estate.estate import offered, warnings
    from artifactory_estate.estate.explain import explain as explained
    from artifactory_estate.estate.load import InvalidDocument, load_document
    from artifactory_estate.estate.slices import stacks_of

    if below and not explain:
        raise EstateError(f"{below}: a path is for --explain, which says where the numbers at and below it come from")
    try:
        found = load_document(document)
    except InvalidDocument as error:
        if as_json:
            sys.stdout.write(json.dumps(invalid(error), indent=2) + "\n")
        raise
    estate = found.estate
    rows = explained(found, below) if explain else ()
    if as_json:
        sys.stdout.write(json.dumps(data(found, rows), indent=2) + "\n")
        return
    summary = f"estate {estate.estate}, {len(estate.sites)} sites, {len(stacks_of(estate))} stacks"
    out.print(f"{document}: valid: {summary}", highlight=False, soft_wrap=True, markup=False)
    for refusal in offered.refusals(estate):
        out.print(f"{document}: up will refuse: {refusal}", highlight=False, soft_wrap=True, markup=False)
    for warning in warnings.warnings(estate):
        out.print(f"warning: {found.about(warning)}", highlight=False, soft_wrap=True, markup=False)
    if explain:
        print_numbers(out, rows)


@app.command()
def preview(document: Document, stacks: Stacks = None, parallel: Parallel = 3) -> None:
    """Show what an up would change, and ask the servers about just that. Exit status 1: it would be refused."""
    from artifactory_estate.cli.progress import Progress
    from artifactory_estate.operations import preview as operation
    from artifactory_estate.operations.project import open_project
    from artifactory_estate.operations.up import waits_for

    project = open_project(document)
    with Progress.of(out, waits_for(project, stacks or [])) as progress:
        reports = operation.preview(project, stacks or [], progress, parallel)
    for report in reports:
        for line in report.result.lines if report.result else ():
            out.print(f"{report.stack}: {line}", highlight=False, soft_wrap=True, markup=False)
        for refusal in report.result.refusals if report.result else ():
            err.print(f"{report.stack}: refused: {refusal}", highlight=False, soft_wrap=True, markup=False)
    _say_left_alone(project.estate)
    refused = any(report.result and report.result.refusals for report in reports)
    _finish(reports, failed=refused)


@app.command()
def up(document: Document, stacks: Stacks = None, parallel: Parallel = 3) -> None:
    """Make the estate, or the named stacks of it, true."""
    from artifactory_estate.cli.progress import Progress
    from artifactory_estate.operations import up as operation
    from artifactory_estate.operations.project import open_project

    project = open_project(document)
    with Progress.of(out, operation.waits_for(project, stacks or [])) as progress:
        reports = operation.up(project, stacks or [], progress, parallel)
    for report in reports:
        for sentence in report.result.outputs.get("pending") or () if report.result else ():
            out.print(f"{report.stack}: to do: {sentence}", highlight=False, soft_wrap=True, markup=False)
    _say_left_alone(project.estate)
    _finish(reports)


@app.command()
def destroy(
    document: Document,
    stacks: Stacks = None,
    parallel: Parallel = 3,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take the estate, or the named stacks of it, away. What holds data goes only where the document allows it."""
    from artifactory_estate.cli.progress import Progress
    from artifactory_estate.operations import up as operation
    from artifactory_estate.operations.project import open_project

    project = open_project(document)
    order = operation.waits_for(project, stacks or [])
    if not yes:
        typer.confirm(f"Destroy {', '.join(order)} of estate {project.estate.estate}?", abort=True)
    with Progress.of(out, order) as progress:
        reports = operation.destroy(project, stacks or [], progress, parallel)
    _say_left_alone(project.estate)
    _finish(reports)


@app.command()
def watch(
    document: Document,
    stacks: Stacks = None,
    timeout: Annotated[int, typer.Option(min=1, help="Seconds.")] = 3600,
    until_settled: Annotated[bool, typer.Option(help="End once pairs are protected and federations healthy.")] = True,
) -> None:
    """Watch pairs and federations synchronise: what, how far, rate, time left. Writes a pair's proof of protection."""
    from artifactory_estate.cli.watching import show
    from artifactory_estate.operations.project import open_project
    from artifactory_estate.operations.watch import watch as operation

    looks = operation(open_project(document), stacks or [], timeout, until_settled=until_settled)
    settled = show(out, looks, until_settled)
    if not settled:
        raise typer.Exit(1)


@app.command()
def metrics(
    document: Document,
    rules: Annotated[bool, typer.Option("--rules", help="The alerting rules instead.")] = False,
) -> None:
    """Print what Prometheus scrapes the estate's managed sites by. No network."""
    from artifactory_estate.estate.load import load
    from artifactory_estate.site.observability_files import prometheus_rules, prometheus_yml

    sites = sorted(load(document).managed_sites.items())
    sys.stdout.write(prometheus_rules() if rules else prometheus_yml(sites))


@app.command()
def status(document: Document, as_json: AsJson = False) -> None:
    """What is true now: sites, federations, pairs, each with its evidence."""
    from artifactory_estate.cli.tables import print_status
    from artifactory_estate.operations.project import open_project
    from artifactory_estate.operations.status import status as operation

    found = operation(open_project(document))
    if as_json:
        sys.stdout.write(json.dumps(found.to_data(), indent=2) + "\n")
    else:
        print_status(out, found)


def _say_left_alone(estate: "Estate") -> None:
    for name, site in estate.sites.items():
        if not site.available:
            out.print(f"{name}: left alone, the document says available: false", highlight=False, soft_wrap=True)


def _finish(reports: "Sequence[Report[Any]]", failed: bool = False) -> None:
    for report in reports:
        if report.state == "failed":
            err.print(report.error, highlight=False, soft_wrap=True, markup=False)
    if failed or any(report.state != "done" for report in reports):
        raise typer.Exit(1)


def _is_of_aws(error: Exception) -> bool:
    """Such as no credentials, or no permission. A command that asks nothing of AWS does not wait for its library."""
    theirs = sys.modules.get("botocore.exceptions")
    return theirs is not None and isinstance(error, (theirs.BotoCoreError, theirs.ClientError))


def main() -> None:
    """Run the command; a user's mistake is a message and exit status 1, never a traceback."""
    try:
        app()
    except EstateError as error:
        err.print(str(error), highlight=False, soft_wrap=True, markup=False)
        sys.exit(1)
    except Exception as error:
        if not _is_of_aws(error):
            raise
        err.print(f"AWS: {error}", highlight=False, soft_wrap=True, markup=False)
        sys.exit(1)
    except KeyboardInterrupt:
        err.print("interrupted: run the same command again to go on where it stopped")
        sys.exit(130)


if __name__ == "__main__":
    main()
