"""The version that a node reports, and by which endpoints open."""

import re
from functools import cached_property


class Version(str):
    """`7.111.4`; compare with `at_least`, never as text."""

    def __new__(cls, text: str) -> "Version":
        """Refuses what is not three numbers."""
        if not re.fullmatch(r"\d+\.\d+\.\d+", text):
            raise ValueError(f"not a version of the form 7.111.4: {text}")
        return super().__new__(cls, text)

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """Its three numbers."""
        return tuple(int(part) for part in self.split("."))

    @property
    def revision(self) -> str:
        """The digits that go with it (1.1): 7.77.16 is 77716900, 7.161.26 carries over to 86126900."""
        major, minor, patch = self.numbers
        return str(major * 10_000_000 + minor * 100_000 + patch * 1000 + 900)

    def at_least(self, other: str) -> bool:
        """Whether this is `other` or later."""
        return self.numbers >= tuple(int(part) for part in other.split("."))


DEFAULT = Version("7.111.4")
