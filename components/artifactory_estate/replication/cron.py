"""Whether a text is a Quartz expression, as the server will read it (REST reference 9)."""

import re
from dataclasses import dataclass

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@dataclass(frozen=True)
class _Field:
    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()
    special: str = r"(?!)"
    """What only this field may hold, as a pattern; nothing by default."""

    def number(self, text: str) -> int | None:
        if text.upper() in self.names:
            return self.names.index(text.upper()) + 1
        value = int(text) if re.fullmatch(r"[0-9]{1,4}", text) else None
        return value if value is not None and self.least <= value <= self.most else None

    def fault(self, text: str) -> str | None:
        for part in text.split(","):
            if not self._holds(part):
                return f"{part or 'nothing'} is no {self.name} ({self.least} to {self.most})"
        return None

    def _holds(self, part: str) -> bool:
        if part == "*" or re.fullmatch(self.special, part, re.IGNORECASE):
            return True
        span, slash, step = part.partition("/")
        if slash and not (re.fullmatch(r"[0-9]{1,4}", step) and 1 <= int(step) <= self.most - self.least + 1):
            return False
        if slash and span in ("", "*"):
            return True
        first, dash, last = span.partition("-")
        return self.number(first) is not None and (not dash or self._ordered(first, last))

    def _ordered(self, first: str, last: str) -> bool:
        """A range of names may wrap, FRI-MON; one of numbers may not."""
        begin, end = self.number(first), self.number(last)
        return begin is not None and end is not None and (begin <= end or not first.isdigit())


_FIELDS = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31, special=r"\?|L|LW|L-([1-9]|[12][0-9]|30)|([1-9]|[12][0-9]|3[01])W"),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 1, 7, _DAYS, special=r"\?|L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5])"),
    _Field("year", 1970, 2099),
)


def fault_of(text: str) -> str | None:
    """What is wrong with `text`, or None.

    >>> fault_of("0 0 2 ? * MON-SAT"), fault_of("0 0 12 * * *")
    (None, 'exactly one of day of month and day of week is ?')
    """
    fields = text.split(" ")
    if len(fields) not in (6, 7):
        return f"{len(fields)} fields, not 6 or 7"
    if (fields[3] == "?") == (fields[5] == "?"):
        return "exactly one of day of month and day of week is ?"
    return next((fault for field, part in zip(_FIELDS, fields, strict=False) if (fault := field.fault(part))), None)
