"""Options of the commands about disks, read as getopt does, and their tables."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from artifactory_sandbox.data_plane.machine import Machine


class Wrong(Exception):
    """What a command says when it cannot; `code` is its exit code."""

    def __init__(self, text: str, code: int = 32) -> None:
        super().__init__(text)
        self.code = code


@dataclass(slots=True)
class Given:
    """Words, and options by their name without dashes."""

    words: list[str] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)

    def has(self, *names: str) -> bool:
        """Whether one of the options was given."""
        return any(name in self.options for name in names)

    def value(self, *names: str, default: str = "") -> str:
        """The value of one of the options."""
        return next((self.options[name] for name in names if name in self.options), default)


def parse(
    arguments: Sequence[str],
    *,
    flags: str = "",
    values: str = "",
    long: Collection[str] = (),
    long_values: Collection[str] = (),
) -> Given:
    """Reads a command line; raises Wrong for an option that the sandbox does not know."""
    given, rest = Given(), iter(arguments)
    for word in rest:
        if word.startswith("--") and len(word) > 2:
            name, equals, value = word[2:].partition("=")
            if name in long_values:
                given.options[name] = value if equals else next(rest, "")
            elif name in long:
                given.options[name] = ""
            else:
                raise Wrong(f"unrecognized option '{word}' (the sandbox does not know it)", code=1)
        elif word.startswith("-") and len(word) > 1:
            _short(given, word[1:], rest, flags, values)
        else:
            given.words.append(word)
    return given


def _short(given: Given, letters: str, rest: Iterable[str], flags: str, values: str) -> None:
    for place, letter in enumerate(letters):
        if letter in values:
            given.options[letter] = letters[place + 1 :] or next(iter(rest), "")
            return
        if letter not in flags:
            raise Wrong(f"invalid option -- '{letter}' (the sandbox does not know it)", code=1)
        given.options[letter] = ""


def columns(rows: Sequence[Mapping[str, str]], wanted: str, *, heading: bool) -> str:
    """A table of the wanted columns; raises Wrong for one that the sandbox does not know."""
    names = [name.upper() for name in wanted.split(",")]
    if unknown := [name for name in names if rows and name not in rows[0]]:
        raise Wrong(f"unknown column: {', '.join(unknown)}", code=1)
    lines = [[row[name] for name in names] for row in rows]
    lines = [names, *lines] if heading else lines
    widths = [max((len(line[place]) for line in lines), default=0) for place in range(len(names))]
    return "\n".join(
        " ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def named(machine: Machine, path: str) -> str:
    """A path as the machine knows it, with the links above its last part followed."""
    root = machine.root.resolve()
    inside = machine.root / path.removeprefix(str(machine.root)).strip("/")
    real = inside.parent.resolve() / inside.name
    return "/" + str(
        (real if real.is_relative_to(root) else inside).relative_to(root if real.is_relative_to(root) else machine.root)
    )
