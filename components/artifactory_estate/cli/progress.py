"""What a person sees while stacks are made true: a live table on a terminal, plain lines elsewhere."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from artifactory_estate.operations.engine_stack import Outcome
from artifactory_estate.operations.schedule import Report

_SAID = ("node ", "snapshot ")
"""Begin what a rolling change says of itself."""
_COLOURS = {"waiting": "dim", "running": "cyan", "done": "green", "failed": "red", "skipped": "yellow"}


@dataclass
class _Row:
    state: str = "waiting"
    doing: str = ""
    ended: int = 0
    began: float = 0.0
    took: float | None = None

    @property
    def seconds(self) -> float:
        return self.took if self.took is not None else time.monotonic() - self.began if self.began else 0.0


@dataclass
class Progress:
    """Listens to `operations.up`; safe to call from several threads."""

    console: Console
    rows: dict[str, _Row] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _live: Live | None = None

    @classmethod
    def of(cls, console: Console, stacks: Iterable[str]) -> "Progress":
        """A row a stack, all waiting."""
        return cls(console, {stack: _Row() for stack in stacks})

    def __enter__(self) -> "Progress":
        if self.console.is_terminal:
            self._live = Live(get_renderable=self.table, console=self.console, refresh_per_second=4, transient=True)
            self._live.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._live:
            self._live.stop()
            self.console.print(self.table())

    def started(self, stack: str) -> None:
        with self._lock:
            self.rows[stack].state = "running"
            self.rows[stack].began = time.monotonic()
        self._say(stack, "begins")

    def event(self, stack: str, text: str, done: int) -> None:
        with self._lock:
            is_new = text != self.rows[stack].doing
            is_worth_a_line = is_new and (text.startswith(_SAID) or (done == 0 and "waiting" in text))
            self.rows[stack].doing = text
            self.rows[stack].ended = done
        if is_worth_a_line:
            self._say(stack, text)

    def ended(self, report: Report[Any]) -> None:
        with self._lock:
            row = self.rows[report.stack]
            row.took = row.seconds
            row.state = report.state
            row.doing = counts(report.result) if report.result else _first_line(report)
        self._say(report.stack, f"{report.state}: {row.doing} ({row.took:.0f} s)")

    def table(self) -> Table:
        """One row a stack."""
        table = Table(box=None, pad_edge=False)
        for heading in ("stack", "state", "resources", "seconds", ""):
            table.add_column(heading, justify="right" if heading in {"resources", "seconds"} else "left", no_wrap=True)
        with self._lock:
            for stack, row in self.rows.items():
                state = f"[{_COLOURS[row.state]}]{row.state}[/]"
                seconds = f"{row.seconds:.0f}" if row.began else ""
                table.add_row(stack, state, str(row.ended or ""), seconds, escape(row.doing))
        return table

    def _say(self, stack: str, text: str) -> None:
        if not self._live:
            self.console.print(f"{stack}: {text}", highlight=False, soft_wrap=True, markup=False)


def _first_line(report: Report[Any]) -> str:
    return report.error.splitlines()[0].removeprefix(f"{report.stack}: ") if report.error else report.state


def counts(outcome: Outcome) -> str:
    """`12 created, 3 unchanged`."""
    words = {
        "create": "created",
        "update": "updated",
        "delete": "deleted",
        "same": "unchanged",
        "replace": "replaced",
        "read": "read",
    }
    return (
        ", ".join(f"{count} {words.get(operation, operation)}" for operation, count in outcome.changes.items())
        or "nothing to do"
    )
