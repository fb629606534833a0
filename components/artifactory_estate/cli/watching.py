"""The watch on a terminal: one line that moves, or one line a change where there is no terminal."""

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape

from artifactory_estate.operations.watch import Look


def show(console: Console, looks: Iterable[Look], until_settled: bool) -> bool:
    """Show each look; whether the last one was settled. Ends at the first settled one, if told so."""
    said = ""
    settled = False
    with console.status("asking …") as line:
        for look in looks:
            settled = look.settled
            if console.is_terminal:
                line.update(escape(look.sentence))
            elif look.sentence != said:
                console.print(look.sentence, highlight=False, soft_wrap=True, markup=False)
            said = look.sentence
            if settled and until_settled:
                break
    if console.is_terminal:
        console.print(said, highlight=False, soft_wrap=True, markup=False)
    return settled
