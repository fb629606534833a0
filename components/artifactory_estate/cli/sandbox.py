"""`estate sandbox`: starts and steers the sandbox, a program of its own. The product never imports it."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Annotated, Any

import typer

from artifactory_estate.base import EstateError
from artifactory_estate.base import project as project_folder

app = typer.Typer(help="An estate on this machine: simulated platforms, not JFrog Artifactory.", no_args_is_help=True)

SAMPLE = Path("stacks/estates/sandbox.yaml")


def _folder() -> Path:
    return project_folder.root() / os.environ.get("ESTATE_SANDBOX", ".sandbox")


def _run(*arguments: str) -> None:
    command = [sys.executable, "-m", "artifactory_sandbox", *arguments]
    if code := subprocess.call(command, cwd=project_folder.root()):
        raise typer.Exit(code)


@app.command()
def start(
    document: Annotated[
        Path,
        typer.Argument(help="Whose zones, licences and external platforms to prepare."),
    ] = SAMPLE,
) -> None:
    """Start it and wait until it answers."""
    _run("start", "--state", str(_folder()), "--document", str(document))


@app.command()
def stop() -> None:
    """End every process of it; logs stay."""
    _run("stop", "--state", str(_folder()))


@app.command()
def status() -> None:
    """Its processes, addresses and faults, as JSON."""
    _run("status", "--state", str(_folder()))


@app.command()
def fault(
    kind: Annotated[
        str, typer.Argument(help="kill-node, partition, region-down, region-up, heal, … A wrong one lists them all.")
    ],
    settings: Annotated[
        list[str] | None, typer.Argument(help="name=value, such as node=… or sites=us-east,lab")
    ] = None,
) -> None:
    """Break something, or mend it."""
    try:
        control = json.loads((_folder() / "sandbox.json").read_text(encoding="utf-8"))["control"]
    except (OSError, ValueError, KeyError) as error:
        raise EstateError(f"no sandbox runs in {_folder()}") from error
    typer.echo(json.dumps(post_fault(control, {"kind": kind, **dict(map(_setting, settings or []))})))


def post_fault(control: str, wish: dict[str, Any]) -> Any:
    """Ask the control API; its text is the error."""
    request = urllib.request.Request(  # noqa: S310  the sandbox's own loopback address
        f"{control}/faults", json.dumps(wish).encode(), {"Content-Type": "application/json"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise EstateError(error.read().decode(errors="replace")) from error
    except OSError as error:
        raise EstateError(f"the sandbox's control API does not answer: {error}") from error


def _setting(text: str) -> tuple[str, Any]:
    name, separator, value = text.partition("=")
    if not separator:
        raise EstateError(f"{text}: write name=value")
    if name in {"sites", "services"}:
        return name, value.split(",")
    try:
        return name, json.loads(value)  # a number, true or false
    except ValueError:
        return name, value


@app.command()
def platform(
    ready_file: Annotated[Path, typer.Option(help="Written once they answer: urls and credentials.")],
    count: Annotated[int, typer.Option(min=1, max=50)] = 1,
    nodes: Annotated[int, typer.Option(min=1, max=9, help="Nodes of each: one database, one filestore.")] = 1,
    data: Annotated[
        Path | None, typer.Option(help="Where they keep what they have; a folder of their own without.")
    ] = None,
    database: Annotated[str, typer.Option(help="URL of a PostgreSQL database for one platform; SQLite without.")] = "",
) -> None:
    """Run bare simulated platforms, without AWS, until SIGTERM."""
    command = [sys.executable, "-m", "artifactory_sandbox.platform", "bare", "--ready-file", str(ready_file)]
    command += ["--count", str(count), "--nodes", str(nodes)]
    command += ["--data", str(data)] if data else []
    command += ["--database", database] if database else []
    os.execv(command[0], command)  # noqa: S606  signals reach the platforms themselves


@app.command()
def demo(keep: Annotated[bool, typer.Option("--keep", help="Leave everything running.")] = False) -> None:
    """The whole story: an empty account, an estate, an artifact that survives its site."""
    from artifactory_estate.cli.demo import run

    raise typer.Exit(run(SAMPLE, keep))
