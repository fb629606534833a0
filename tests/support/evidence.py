"""What `make test-long` measured: a page for each of its parts, `docs/evidence/<part>.md`, rewritten whole by every run.

A pytest plugin. A test marked `long(part="…")` takes the fixture `evidence` and gives it figures. With `--evidence FOLDER`
the pages are written: result, seed and seconds of every test of the part, its figures, versions, commit and date. A run that
is interrupted writes none; what a run did not get to is shown as not run.
"""

import os
import platform
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import pytest

PARTS = {
    "scale": "Repositories by the thousand, and what they would cost as single resources",
    "killed-1": "`estate up` killed at any moment of a site's first update, the first ten seeds",
    "killed-2": "`estate up` killed at any moment of a site's first update, ten more seeds",
    "maintenance-1": "A node killed at any moment of a maintenance step of a cluster of three, the first ten seeds",
    "maintenance-2": "A node killed at any moment of a maintenance step of a cluster of three, ten more seeds",
    "histories": "A model and the simulated platform over random histories, twenty times as many as in every run",
    "load": "The simulated platform under load: small reads, large files, ten thousand repositories, idle connections",
    "fuzz": "Twenty-five minutes of junk over every route of the simulated platform",
    "golden": "Every reviewed file of a filestore, a database, a proxy or a size boots a node of the sandbox",
    "postgresql": "All conformance cases and random histories with PostgreSQL as the cluster's database",
}
"""Title by name; the Makefile runs the same ones."""
ROOT = Path(__file__).parents[2]
NOT_RUN = "not run"


@dataclass(frozen=True)
class Figure:
    """One measured number; `most` or `least`: what was promised."""

    name: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def row(self) -> str:
        promised = "" if self.most is None else f"at most {number(self.most)}"
        promised = promised if self.least is None else f"at least {number(self.least)}"
        return f"| {self.name} | {number(self.value)} {self.unit} | {promised} |".replace("  ", " ")


@dataclass
class Evidence:
    """What one test says of itself."""

    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def figure(
        self, name: str, value: float, unit: str = "", most: float | None = None, least: float | None = None
    ) -> None:
        """Record it, then fail when it is more than `most` or less than `least`."""
        self.figures.append(Figure(name, value, unit, most, least))
        assert most is None or value <= most, f"{name}: {value} {unit} is more than {most}"
        assert least is None or value >= least, f"{name}: {value} {unit} is less than {least}"

    def note(self, text: str) -> None:
        """A sentence on how the figures came about."""
        self.notes.append(text)


@dataclass
class LongTest:
    """A test of a part and how it went."""

    name: str
    about: str = ""
    seed: str = ""
    outcome: str = NOT_RUN
    seconds: float = 0.0
    evidence: Evidence = field(default_factory=Evidence)

    def add(self, outcome: str, seconds: float) -> None:
        """Set-up, call or tear-down ended; the worst of them is the test's outcome."""
        order = [NOT_RUN, "passed", "skipped", "failed"]
        self.outcome = max(self.outcome, outcome, key=order.index)
        self.seconds += seconds


@dataclass(frozen=True)
class Circumstances:
    """When, where and with what a part was run."""

    date: str
    commit: str
    versions: str
    machine: str

    @classmethod
    def now(cls) -> "Circumstances":
        libraries = [f"{name} {metadata.version(name)}" for name in ("pulumi", "moto")]
        cli = f"Pulumi CLI {_said('pulumi', 'version').removeprefix('v')}"
        return cls(
            f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            _said("git", "rev-parse", "--short=12", "HEAD") + (" and uncommitted changes" if _changed() else ""),
            ", ".join([f"Python {platform.python_version()}", cli, *libraries]),
            f"{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f} at the start",
        )


def page(part: str, tests: list[LongTest], about: Circumstances) -> str:
    """The page of a part."""
    outcomes = [test.outcome for test in tests]
    result = ", ".join(f"{outcomes.count(kind)} {kind}" for kind in sorted(set(outcomes)))
    seeds = ", ".join(test.seed for test in tests if test.seed) or "none, nothing is drawn"
    head = {
        "date": about.date,
        "result": result,
        "seconds": number(sum(test.seconds for test in tests)),
        "seeds": seeds,
        "commit": about.commit,
        "versions": about.versions,
        "machine": about.machine,
    }
    lines = [f"# {PARTS[part]}", "", f"Written by `make test-long PART={part}`.", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in head.items()]
    lines += ["", "| test | seed | outcome | seconds |", "|---|---|---|---|"]
    lines += [f"| {test.name} | {test.seed} | {test.outcome} | {number(test.seconds)} |" for test in tests]
    for test in tests:
        lines += _said_by(test)
    return "\n".join(lines) + "\n"


def number(value: float) -> str:
    """Three digits that count, whole thousands grouped: 0.0123, 4.57, 31.2, 1,905,123."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _said_by(test: LongTest) -> list[str]:
    said = test.evidence
    if not (said.figures or said.notes):
        return []
    lines = ["", f"## {test.about or test.name}"]
    if said.figures:
        lines += ["", "| figure | measured | promised |", "|---|---|---|", *(figure.row for figure in said.figures)]
    return [*lines, *(line for text in said.notes for line in ("", text))]


def _said(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def _changed() -> bool:
    """Whether the sources differ from the commit; the evidence itself is what a run changes."""
    return bool(_said("git", "status", "--porcelain", "--", ".", ":!docs/evidence"))


class Pages:
    """Collects what the tests say and writes it at the end of the run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.tests: dict[str, LongTest] = {}
        self._parts: dict[str, list[LongTest]] = {}
        self._about: Circumstances | None = None
        self._written: dict[str, str] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._about = Circumstances.now()
        for item in session.items:
            part = part_of(item)
            if part is not None:
                test = self.tests[item.nodeid] = _described(item)
                self._parts.setdefault(part, []).append(test)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.nodeid in self.tests:
            self.tests[report.nodeid].add(report.outcome, report.duration)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        if self._about is None or exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        for part, tests in self._parts.items():
            self._written[part] = page(part, tests, self._about)
            (self._folder / f"{part}.md").write_text(self._written[part], encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for part, text in self._written.items():
            terminalreporter.section(f"{self._folder / part}.md")
            terminalreporter.write(text)


def part_of(item: pytest.Item) -> str | None:
    """None for a test that is not long. Raises `UsageError` for one without a known part: nothing would run it."""
    mark = item.get_closest_marker("long")
    if mark is None:
        return None
    part = mark.kwargs.get("part")
    if part not in PARTS:
        raise pytest.UsageError(f"{item.nodeid}: long(part={part!r}) is none of {', '.join(PARTS)}")
    return str(part)


def _described(item: pytest.Item) -> LongTest:
    drawn = getattr(item, "callspec", None)
    seed = str(drawn.params.get("seed", "")) if drawn else ""
    about = (getattr(item, "function", None).__doc__ or "").strip().rstrip(".")
    return LongTest(item.name, about, seed)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--evidence", type=Path, metavar="FOLDER", help="write a page for each part of the long tests")


def pytest_configure(config: pytest.Config) -> None:
    folder = config.getoption("--evidence")
    if folder is not None:
        config.pluginmanager.register(Pages(folder), "evidence-pages")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        part_of(item)


@pytest.fixture
def evidence(request: pytest.FixtureRequest) -> Evidence:
    """Takes the figures of a long test; without `--evidence` they only have to keep their promises."""
    pages = request.config.pluginmanager.get_plugin("evidence-pages")
    test = pages.tests.get(request.node.nodeid) if pages else None
    return test.evidence if test else Evidence()
