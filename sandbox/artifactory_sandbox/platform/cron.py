"""Quartz cron expressions: parsing and the next time they fire (9)."""

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_RANGES = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2099))
_NAMES: tuple[dict[str, int], ...] = ({}, {}, {}, {}, _MONTHS, _DAYS, {})
_DAY_OF_MONTH, _DAY_OF_WEEK = 3, 5


class InvalidCron(ValueError):
    """Not a Quartz expression; the text says why."""


@dataclass(frozen=True)
class Cron:
    """A parsed expression, in the server's time zone, which is UTC in the sandbox."""

    fields: tuple[frozenset[int], ...]
    """Seconds, minutes, hours, days of month, months, days of week (1 is Sunday), years."""
    specials: tuple[str, ...]
    """Day rules beyond plain numbers: `L`, `LW`, `L-3`, `15W`, `6L`, `6#3`."""
    by_week: bool
    """Whether the day of the week decides, not the day of the month."""

    def next_after(self, milliseconds: int) -> int | None:
        """The first moment after this one, None when it never fires again."""
        moment = datetime.fromtimestamp(milliseconds // 1000, UTC) + timedelta(seconds=1)
        seconds, minutes, hours, _, months, _, years = self.fields
        while moment.year <= 2099:
            if moment.year not in years:
                moment = datetime(moment.year + 1, 1, 1, tzinfo=UTC)
            elif moment.month not in months:
                moment = _start_of_next_month(moment)
            elif moment.day not in self._days(moment.year, moment.month):
                moment = moment.replace(hour=0, minute=0, second=0) + timedelta(days=1)
            elif moment.hour not in hours:
                moment = moment.replace(minute=0, second=0) + timedelta(hours=1)
            elif moment.minute not in minutes:
                moment = moment.replace(second=0) + timedelta(minutes=1)
            elif moment.second not in seconds:
                moment += timedelta(seconds=1)
            else:
                return int(moment.timestamp() * 1000)
        return None

    def _days(self, year: int, month: int) -> set[int]:
        length = calendar.monthrange(year, month)[1]
        if not self.by_week:
            return {day for day in self.fields[_DAY_OF_MONTH] if day <= length} | {
                _month_day(special, year, month, length) for special in self.specials
            }
        weekday = {day: datetime(year, month, day, tzinfo=UTC).isoweekday() % 7 + 1 for day in range(1, length + 1)}
        days = {day for day, number in weekday.items() if number in self.fields[_DAY_OF_WEEK]}
        for special in self.specials:
            number = _number(special[0], _DAY_OF_WEEK)
            of_month = [day for day, found in weekday.items() if found == number]
            place = -1 if special.endswith("L") else int(special[2:]) - 1
            if place < len(of_month):
                days.add(of_month[place])
        return days


def parse(text: str) -> Cron:
    """Reads an expression of six or seven fields; raises `InvalidCron`."""
    parts = text.split()
    if not 6 <= len(parts) <= 7:
        raise InvalidCron(f"{len(parts)} fields, 6 or 7 are needed")
    if len(parts) == 6:
        parts.append("*")
    month_day, week_day = parts[_DAY_OF_MONTH], parts[_DAY_OF_WEEK]
    if (month_day == "?") == (week_day == "?"):
        raise InvalidCron("Support for specifying both a day-of-week AND a day-of-month parameter is not implemented.")
    specials: list[str] = []
    fields = tuple(_field(part.upper(), place, specials) for place, part in enumerate(parts))
    return Cron(fields, tuple(specials), by_week=month_day == "?")


def check(text: str, now: int) -> Cron:
    """The same, and it must fire again after `now`."""
    cron = parse(text)
    if cron.next_after(now) is None:
        raise InvalidCron("will never fire")
    return cron


def _field(text: str, place: int, specials: list[str]) -> frozenset[int]:
    low, high = _RANGES[place]
    values: set[int] = set()
    for part in text.split(","):
        if part == "?" and place in {_DAY_OF_MONTH, _DAY_OF_WEEK}:
            continue
        if _is_special(part, place):
            specials.append(part)
            continue
        values |= _values(part, place, low, high)
    return frozenset(values)


def _is_special(part: str, place: int) -> bool:
    if place == _DAY_OF_MONTH:
        if part in {"L", "LW"}:
            return True
        if part.startswith("L-") or (part.endswith("W") and part[:-1].isdigit()):
            number = part.removeprefix("L-").removesuffix("W")
            return number.isdigit() and 0 < int(number) <= 31
        return False
    if place == _DAY_OF_WEEK and len(part) > 1 and (part.endswith("L") or "#" in part):
        day, _, rank = part.partition("#") if "#" in part else (part[:-1], "", "1")
        if not 1 <= _number(day, place) <= 7 or not rank.isdigit() or not 1 <= int(rank) <= 5:
            raise InvalidCron(f"not a day of the week: {part}")
        if len(day) > 1:
            raise InvalidCron(f"write the day as a number: {part}")
        return True
    return False


def _values(part: str, place: int, low: int, high: int) -> set[int]:
    span, slash, step_text = part.partition("/")
    step = 1
    if slash:
        if not step_text.isdigit() or not 0 < int(step_text) <= high:
            raise InvalidCron(f"bad step: {part}")
        step = int(step_text)
    if span in {"*", ""}:
        if not span and not slash:
            raise InvalidCron("an empty field")
        return set(range(low, high + 1, step))
    if span == "L" and place == _DAY_OF_WEEK:
        return {7}
    first_text, dash, last_text = span.partition("-")
    first = _number(first_text, place)
    last = _number(last_text, place) if dash else high if slash else first
    if not (low <= first <= high and low <= last <= high):
        raise InvalidCron(f"out of range: {part}")
    if first <= last:
        return set(range(first, last + 1, step))
    if place == 6:
        raise InvalidCron(f"out of order: {part}")
    wrapped = [*range(first, high + 1), *range(low, last + 1)]
    return set(wrapped[::step])


def _number(text: str, place: int) -> int:
    if text in _NAMES[place]:
        return _NAMES[place][text]
    if not text.isdigit():
        raise InvalidCron(f"not a number: {text}")
    return int(text)


def _month_day(special: str, year: int, month: int, length: int) -> int:
    if special == "L":
        return length
    if special.startswith("L-"):
        return length - int(special[2:])
    wanted = length if special == "LW" else min(int(special[:-1]), length)
    weekday = calendar.weekday(year, month, wanted)
    if weekday == calendar.SATURDAY:
        return wanted - 1 if wanted > 1 else wanted + 2
    if weekday == calendar.SUNDAY:
        return wanted + 1 if wanted < length else wanted - 2
    return wanted


def _start_of_next_month(moment: datetime) -> datetime:
    month = moment.month % 12 + 1
    return datetime(moment.year + (month == 1), month, 1, tzinfo=UTC)
