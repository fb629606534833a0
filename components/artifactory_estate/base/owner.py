"""The ownership marker: how the next run knows what a killed one made."""

import re

from artifactory_estate.base.model import Model

_TEXT = re.compile(r"\[artifactory-estate ([a-z0-9-]+) ([^\]\s]+)\]")


class Owner(Model):
    """Who made a thing: an estate, and within it one resource.

    Written in the same call that makes the thing: a repository's `notes`, a tag, a description. A failed create is not
    in Pulumi's state, so this is what lets the next run take over what is ours, and refuse what is not (design 3).
    """

    estate: str
    resource: str
    """`<stack>/<resource name>`: the part of the URN that stays when a project is renamed."""

    @property
    def text(self) -> str:
        """`[artifactory-estate acme us-east/repositories]`, one token that can stand among a person's own words."""
        return f"[artifactory-estate {self.estate} {self.resource}]"

    def marks(self, text: str | None) -> bool:
        """Whether `text` carries exactly this mark."""
        return self.text in (text or "")

    def append_to(self, text: str | None) -> str:
        """The person's words followed by the mark; an older mark is replaced."""
        return f"{without_mark(text)} {self.text}".strip()


def mark_in(text: str | None) -> Owner | None:
    """The mark that `text` carries, whoever's it is."""
    match = _TEXT.search(text or "")
    return Owner(estate=match[1], resource=match[2]) if match else None


def without_mark(text: str | None) -> str:
    """The person's own words."""
    return _TEXT.sub("", text or "").strip()
