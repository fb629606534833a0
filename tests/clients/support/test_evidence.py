"""The recorder of the long tests, in pytest runs of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.evidence import NOT_RUN, PARTS, ROOT, Circumstances, Evidence, LongTest, number, page

ABOUT = Circumstances("2026-01-02 03:04 UTC", "0123456789ab", "Python 3.11.2", "2 cores, load 0.1 at the start")
SUITE = """
import pytest

@pytest.mark.long(part="scale")
def test_measured(evidence):
    '''A thousand of them.'''
    evidence.figure("create: requests", 15, most=15)
    evidence.figure("create: time", 4.5678, "s")
    evidence.note("On a quiet machine.")

@pytest.mark.long(part="scale")
def test_too_dear(evidence):
    evidence.figure("refresh: requests", 16, most=15)

@pytest.mark.long(part="killed-1")
@pytest.mark.parametrize("seed", [3, 5])
def test_drawn(seed):
    pass

def test_short(evidence):
    evidence.figure("not long", 1)
"""


def ran(folder: Path, suite: str, *options: str) -> tuple[int, str]:
    """Exit status and output of pytest on a suite of its own."""
    (folder / "test_suite.py").write_text(suite)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    long: only on demand\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.support.evidence", "-p", "no:cacheprovider", *options, "."]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_run_rewrites_the_pages_of_its_parts(tmp_path: Path) -> None:
    pages = tmp_path / "evidence"
    pages.mkdir()
    (pages / "scale.md").write_text("what an older run left")
    status, said = ran(tmp_path, SUITE, "--evidence", str(pages))
    assert status == 1 and "| create: requests | 15 | at most 15 |" in said, said
    assert {path.name for path in pages.iterdir()} == {"scale.md", "killed-1.md"}
    scale, killed = (pages / "scale.md").read_text(), (pages / "killed-1.md").read_text()
    assert scale.startswith(f"# {PARTS['scale']}\n") and "older run" not in scale and "not long" not in scale
    assert "| result | 1 failed, 1 passed |" in scale
    assert "## A thousand of them\n\n| figure |" in scale
    assert "| create: requests | 15 | at most 15 |" in scale
    assert "| create: time | 4.57 s | |" in scale
    assert "| refresh: requests | 16 | at most 15 |" in scale
    assert "\nOn a quiet machine.\n" in scale
    assert "| seeds | none, nothing is drawn |" in scale
    assert "| seeds | 3, 5 |" in killed and re.search(r"\| test_drawn\[5\] \| 5 \| passed \| \S+ \|", killed)
    assert str(tmp_path) not in scale + killed


def test_what_was_not_reached_is_not_called_passed(tmp_path: Path) -> None:
    suite = SUITE.replace("def test_measured(evidence):", "def test_measured(evidence):\n    assert False\n")
    ran(tmp_path, suite, "--evidence", "evidence", "-x", "-m", "long(part='scale')")
    assert [path.name for path in (tmp_path / "evidence").iterdir()] == ["scale.md"]
    assert "| result | 1 failed, 1 not run |" in (tmp_path / "evidence" / "scale.md").read_text()


def test_no_page_is_written_by_an_interrupted_run_or_unasked(tmp_path: Path) -> None:
    status, said = ran(tmp_path, SUITE, "-m", "long(part='killed-1')")
    assert status == 0, said
    interrupted = SUITE.replace("pass\n", "raise KeyboardInterrupt\n")
    status, said = ran(tmp_path, interrupted, "--evidence", "evidence", "-m", "long(part='killed-1')")
    assert status == pytest.ExitCode.INTERRUPTED, said
    assert not (tmp_path / "evidence").exists()


@pytest.mark.parametrize("mark", ["long", 'long(part="none of them")'])
def test_a_long_test_without_a_known_part_is_refused(tmp_path: Path, mark: str) -> None:
    status, said = ran(tmp_path, SUITE.replace('long(part="scale")', mark), "-m", "not long")
    assert status == pytest.ExitCode.USAGE_ERROR and "is none of scale, killed-1, killed-2" in said, said


def test_a_figure_is_kept_when_it_breaks_its_promise() -> None:
    evidence = Evidence()
    evidence.figure("time", 1.0, "s", most=1.0)
    with pytest.raises(AssertionError, match=r"time: 1\.5 s is more than 1"):
        evidence.figure("time", 1.5, "s", most=1.0)
    with pytest.raises(AssertionError, match="requests: 3 /s is less than 4"):
        evidence.figure("requests", 3, "/s", least=4)
    assert [figure.value for figure in evidence.figures] == [1.0, 1.5, 3]
    assert evidence.figures[2].row == "| requests | 3 /s | at least 4 |"


def test_the_worst_of_a_test_is_its_outcome() -> None:
    test = LongTest("test_it")
    assert test.outcome == NOT_RUN
    for outcome in ("passed", "failed", "passed"):
        test.add(outcome, 0.5)
    assert (test.outcome, test.seconds) == ("failed", 1.5)


def test_a_page_says_when_and_with_what() -> None:
    text = page("scale", [LongTest("test_it")], ABOUT)
    for value in (ABOUT.date, ABOUT.commit, ABOUT.versions, ABOUT.machine, "make test-long PART=scale"):
        assert value in text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.01234, "0.0123"), (4.5678, "4.57"), (99.96, "100"), (1905123, "1,905,123")]
)
def test_numbers_are_for_reading(value: float, text: str) -> None:
    assert number(value) == text


def test_the_makefile_runs_every_part() -> None:
    listed = re.search(r"^PARTS := (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert listed and listed[1].split() == list(PARTS)
