"""The lines of Apache httpd's configuration: directives with their arguments, sections with what stands in them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from artifactory_sandbox.platform.front.served import Refused

_WORD = re.compile(r"""\s*(?:"(?P<double>(?:\\.|[^"\\])*)"?|'(?P<single>(?:\\.|[^'\\])*)'?|(?P<bare>\S+))""")
_ESCAPED = re.compile(r"""\\(["'\\])""")
_SECTION_NAME_END = re.compile(r"[\s>]")


@dataclass(slots=True)
class Directive:
    """A directive, or a section, whose name begins with `<` and whose `inner` holds what stands in it."""

    name: str
    arguments: list[str]
    line: int
    inner: list["Directive"] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What the name is compared by: its case means nothing."""
        return self.name.lower()


@contextmanager
def refused_at(line: int) -> Iterator[None]:
    """A refusal inside is one of this line."""
    try:
        yield
    except Refused as error:
        raise Refused(str(error), error.line or line) from None


def unknown(directive: Directive) -> Refused:
    """httpd's words for what no module of it defines."""
    return Refused(
        f"Invalid command '{directive.name}', perhaps misspelled or defined by a module not included in the server "
        "configuration"
    )


def directives(text: str) -> list[Directive]:
    """The directives of a file in order; raises `Refused`."""
    top: list[Directive] = []
    opened: list[Directive] = []
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        if not line or line.startswith("#"):
            continue
        with refused_at(number):
            if line.startswith("</"):
                _close(line, opened)
                continue
            made = _section(line, number) if line.startswith("<") else _plain(line, number)
            (opened[-1].inner if opened else top).append(made)
            if line.startswith("<"):
                opened.append(made)
    if opened:
        raise Refused(f"{opened[-1].name}> was not closed.", opened[-1].line)
    return top


def _close(line: str, opened: list[Directive]) -> None:
    name = line[2:].rstrip("> \t")
    if not opened:
        raise Refused(f"</{name}> without matching <{name}> section")
    if opened[-1].key != f"<{name.lower()}":
        raise Refused(f"Expected </{opened[-1].name[1:]}> but saw </{name}>")
    opened.pop()


def _section(line: str, number: int) -> Directive:
    name = _SECTION_NAME_END.split(line, maxsplit=1)[0]
    rest = line[len(name) :]
    if not rest.endswith(">"):
        raise Refused(f"{name}> directive missing closing '>'")
    arguments = _words(rest[:-1])
    if not arguments:
        raise Refused(f"{name}> directive requires additional arguments")
    return Directive(name, arguments, number)


def _plain(line: str, number: int) -> Directive:
    name, *arguments = _words(line)
    return Directive(name, arguments, number)


def _words(text: str) -> list[str]:
    """Arguments stand in double or single quotes where they hold spaces; a quote that is not closed goes to the end."""
    found = []
    for word in _WORD.finditer(text.rstrip()):
        quoted = word["double"] if word["double"] is not None else word["single"]
        found.append(word["bare"] if quoted is None else _ESCAPED.sub(r"\1", quoted))
    return found
