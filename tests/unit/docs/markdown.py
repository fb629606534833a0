"""What the tests of the documentation read."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
WRITTEN = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(text: str, language: str) -> Iterator[str]:
    """Fenced blocks of a language."""
    yield from re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def links(text: str) -> Iterator[str]:
    """Targets of links, code left out."""
    prose = re.sub(r"^```.*?^```$|`[^`\n]*`", "", text, flags=re.DOTALL | re.MULTILINE)
    yield from re.findall(r"\]\(([^)\s]+)\)", prose)


def anchors(text: str) -> set[str]:
    """Of headings, as the usual renderers name them."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    return {anchor(title) for title in re.findall(r"^#+ (.+)$", prose, re.MULTILINE)}


def anchor(title: str) -> str:
    """`By hand: pulumi up -s \\<stack>` as `by-hand-pulumi-up--s-stack`.

    >>> anchor("Validate, preview, up"), anchor("By hand: pulumi up -s \\\\<stack>")
    ('validate-preview-up', 'by-hand-pulumi-up--s-stack')
    """
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")
