"""Texts of a fixed form: the pattern that a machine checks and the words that a person reads."""

from pydantic import StringConstraints

_WORDS: dict[str, str] = {}


def form(pattern: str, words: str) -> StringConstraints:
    """A constraint on a text. `words` end the sentence "... is wanted" in an error.

    >>> Digest = Annotated[str, form(r"^[0-9a-f]{64}$", "64 lower-case hexadecimal digits")]
    """
    _WORDS[pattern] = words
    return StringConstraints(pattern=pattern)


def words_for(pattern: str) -> str:
    """What a text of `pattern` looks like, for a person."""
    return _WORDS.get(pattern, f"a text that matches {pattern}")
