"""The whole reference, document and commands: `python -m artifactory_estate.cli.reference docs/reference.md`."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from typer.main import get_command

from artifactory_estate.cli.main import app
from artifactory_estate.estate.reference import reference

_HEAD = """\
# Commands

Exit status 0: done. 1: refused, failed, or not settled, with the reason on standard error. 2: wrong usage. 130: interrupted.
"""


def text() -> str:
    """The file's text."""
    return "\n".join([reference(), _HEAD, *(_section(name, command) for name, command in commands())])


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its whole name, such as `estate sandbox start`, in the order of `--help`."""
    yield from _below("estate", get_command(app))


def _below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    below = cast(Mapping[str, Any], getattr(command, "commands", {}))
    if not below:
        yield name, command
    for each, inner in below.items():
        yield from _below(f"{name} {each}", inner)


def _section(name: str, command: Any) -> str:
    usage = " ".join([name, *(_usage(each) for each in command.params)])
    head = f"## {name}\n\n    {usage}\n\n{_plain(command.help)}\n"
    rows = [f"| `{_called(each)}` | {_default(each)} | {_plain(each.help)} |" for each in command.params]
    table = ["| argument | default | meaning |", "|---|---|---|", *rows, ""]
    return "\n".join([head, *(table if rows else [])])


def _usage(parameter: Any) -> str:
    if _is_option(parameter):
        return f"[{_called(parameter)}]" if not parameter.required else _called(parameter)
    many = f"{_called(parameter)}{'…' if parameter.nargs == -1 else ''}"
    return many if parameter.required else f"[{many}]"


def _called(parameter: Any) -> str:
    if not _is_option(parameter):
        return str(parameter.name).upper()
    names = "/".join([*parameter.opts, *parameter.secondary_opts])
    return names if parameter.is_flag else f"{names} {parameter.name.upper()}"


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    if parameter.default is None or (_is_option(parameter) and parameter.is_flag and not parameter.default):
        return ""
    return f"`{parameter.opts[0] if parameter.default is True else parameter.default}`"


def _plain(help_text: str | None) -> str:
    return " ".join((help_text or "").split()).replace("<", "\\<")


def _is_option(parameter: Any) -> bool:
    return str(parameter.opts[0]).startswith("-")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")
