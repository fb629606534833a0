#!/usr/bin/env python3
"""The pinned toolchain: `install` it and the `clients` of the tests, print its `env` for a shell, `run` a command within it.

Needs Python 3.11, and for a Pulumi CLI either the network of its vendor or Go. Nothing here is imported by users.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - this is the one file that an older Python may be asked to run
    sys.exit(f"Python 3.11 or newer is needed, not {sys.version.split()[0]}. Try: make PYTHON=python3.12")

import clients
import pulumi_cli
from python_env import LEVELS, PythonEnvironment
from workshop import Progress, Stop, cache_folder

CHECKOUT = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str]) -> int:
    """Run one subcommand; a `Stop` becomes its text and status 1."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "install":
            install(options.level)
        elif options.command == "clients":
            clients.install(CHECKOUT, cache_folder(), Progress())
        elif options.command == "env":
            print("\n".join(f"export {name}={shlex.quote(value)}" for name, value in exports(os.environ).items()))
        else:
            run(options.program)
    except Stop as reason:
        print(f"toolchain: {reason}", file=sys.stderr)
        return 1
    return 0


def install(level: str, checkout: Path = CHECKOUT) -> None:
    """The Python environment at `level`, then the Pulumi CLI."""
    progress, cache = Progress(), cache_folder()
    PythonEnvironment(checkout, cache).install(level, progress)
    cli = pulumi_cli.install(_foreign(os.environ.get("PATH", ""), checkout), cache, progress)
    progress.say(f"Pulumi CLI: {cli.version} from {cli.origin}, {cli.folders[0]}")


def exports(environ: Mapping[str, str], checkout: Path = CHECKOUT) -> dict[str, str]:
    """Variables with which programs, `pulumi` and its Python host find each other.

    Folders of this checkout are dropped from the caller's PATH and only `.venv/bin` is put back: the sandbox's
    stand-in AWS plugin lies in the checkout, and a PATH with it on would aim a real `pulumi up` at a simulator.
    """
    python = PythonEnvironment(checkout, cache_folder(environ)).python
    path = _foreign(environ.get("PATH", os.defpath), checkout)
    cli = pulumi_cli.find(path, cache_folder(environ))
    if cli is None or not python.exists():
        raise Stop("nothing is installed yet. Run: python3 tools/toolchain.py install")
    folders = [str(python.parent), *map(str, cli.folders), *path.split(os.pathsep)]
    return {
        "PATH": os.pathsep.join(dict.fromkeys(filter(None, folders))),
        "PULUMI_PYTHON_CMD": str(python),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def run(program: Sequence[str]) -> None:
    """Become `program`, with the exports in place."""
    environ = {**os.environ, **exports(os.environ)}
    try:
        os.execvpe(program[0], list(program), environ)  # noqa: S606 - the caller's own command line
    except OSError as error:
        raise Stop(f"{program[0]}: {error.strerror}") from error


def _foreign(path: str, checkout: Path) -> str:
    """The entries of a PATH that lie outside the checkout."""
    entries = (entry for entry in path.split(os.pathsep) if entry)
    return os.pathsep.join(entry for entry in entries if not Path(entry).resolve().is_relative_to(checkout))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="toolchain.py", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    installing = commands.add_parser("install", help="make .venv and find, fetch or build the Pulumi CLI")
    installing.add_argument("--with", dest="level", choices=LEVELS, default=LEVELS[0], help="what else goes into .venv")
    commands.add_parser("clients", help="get the third-party clients of tests/clients, print their versions")
    commands.add_parser("env", help='print exports: eval "$(python3 tools/toolchain.py env)"')
    running = commands.add_parser("run", help="run a command with these exports")
    running.add_argument("program", nargs=argparse.REMAINDER)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
