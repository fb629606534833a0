"""Steps of a story: named, timed, each with what it proved; a table for people and a report for machines."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table


class Unproven(Exception):
    """A proof failed; the text says which."""


@dataclass
class Step:
    """One line of the report."""

    name: str
    result: str = "running"
    """`passed`, `failed`, `not run`."""
    seconds: float = 0.0
    proved: list[str] = field(default_factory=list)
    """Facts, one a line."""

    def note(self, fact: str) -> None:
        """Something that was seen to hold."""
        self.proved.append(fact)


@dataclass
class Story:
    """Runs steps in order and remembers how each ended."""

    console: Console
    steps: list[Step] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)
    """Figures of the whole: seconds, memory."""

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """One step; an exception fails it and ends the story."""
        step = Step(name)
        self.steps.append(step)
        self.console.rule(f"[bold]{len(self.steps)}. {name}", align="left")
        began = time.monotonic()
        try:
            yield step
            step.result = "passed"
        except BaseException as error:
            step.result = "failed"
            step.note(f"{type(error).__name__}: {error}")
            raise
        finally:
            step.seconds = round(time.monotonic() - began, 1)
            for fact in step.proved:
                self.console.print(f"  {fact}", highlight=False, soft_wrap=True, markup=False)

    @property
    def passed(self) -> bool:
        return all(step.result == "passed" for step in self.steps)

    def write(self, path: Path) -> None:
        """The machine-readable report."""
        report = {
            "result": "passed" if self.passed else "failed",
            **self.facts,
            "steps": [asdict(step) for step in self.steps],
        }
        path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")

    def table(self) -> Table:
        """Step, result, seconds."""
        table = Table(title="what was proven")
        for heading in ("step", "result", "seconds"):
            table.add_column(heading, justify="right" if heading == "seconds" else "left")
        for step in self.steps:
            colour = "green" if step.result == "passed" else "red"
            table.add_row(step.name, f"[{colour}]{step.result}[/]", f"{step.seconds:.1f}")
        return table


def eventually(what: str, check: Callable[[], bool], within_s: float, every_s: float = 0.3) -> float:
    """Seconds until `check` was true. Raises `Unproven` after `within_s`."""
    began = time.monotonic()
    while not check():
        if time.monotonic() - began > within_s:
            raise Unproven(f"{what}: not within {within_s:g} s")
        time.sleep(every_s)
    return time.monotonic() - began


class Memory:
    """Peak memory of a process tree in MiB: the proportional share of every descendant of `roots`, sampled twice a second."""

    def __init__(self, roots: Callable[[], list[int]]) -> None:
        self.peak_mib = 0.0
        self._roots = roots
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(2.0):
            self.peak_mib = max(self.peak_mib, sum(_share_kib(pid) for pid in _tree(self._roots())) / 1024)


def _tree(roots: list[int]) -> set[int]:
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError, ValueError):
                continue
            children.setdefault(parent, []).append(int(folder.name))
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting.extend(children.get(pid, ()))
    return found


def _share_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
