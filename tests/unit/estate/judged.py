"""What a table of documents says of each, and how it is held."""

from typing import Any, NamedTuple

from artifactory_estate.base import dotted
from tests.unit.estate.documents import Changes, mistakes_in, mistakes_of, said, spoilt


class Rule(NamedTuple):
    """One rule and both sides of it."""

    accepts: Changes
    refuses: Changes
    path: str
    text: str

    def holds(self) -> None:
        """Accepts the one without a word, and refuses the other with that text at that path."""
        assert not (mistakes := mistakes_in(self.accepts)), said(mistakes)
        mistakes = mistakes_in(self.refuses)
        assert any(dotted(m.path) == self.path and self.text in str(m) for m in mistakes), said(mistakes)


Case = tuple[Any, ...]
"""Replacements in the sample, pairs of texts; then the path and a text of the expected mistake."""


def assert_refused(case: Case) -> None:
    """The spoilt sample is refused at the marker's line and column, at that path, with that text."""
    *replacements, path, text = case
    document = spoilt(*replacements)
    mistakes = mistakes_of(document.text)
    assert (document.line, document.column, path) in {(m.line, m.column, dotted(m.path)) for m in mistakes}, said(
        mistakes
    )
    assert any(text in str(m) for m in mistakes if dotted(m.path) == path), said(mistakes)
