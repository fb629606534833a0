"""Order, side by side, and what a failure leaves alone."""

import threading

import pytest
from botocore.exceptions import NoCredentialsError

from artifactory_estate.base import EstateError
from artifactory_estate.operations.schedule import run_in_order

ORDER = {"east": [], "west": [], "lab": [], "federation": ["east", "lab"], "pair": ["east", "west"]}


def test_each_runs_once_after_what_it_waits_for() -> None:
    ended: list[str] = []
    reports = run_in_order(ORDER, lambda stack: ended.append(stack) or stack)  # type: ignore[func-returns-value]
    assert [report.stack for report in reports] == list(ORDER)
    assert all(report.state == "done" for report in reports)
    for stack, before in ORDER.items():
        assert all(ended.index(other) < ended.index(stack) for other in before)


def test_independent_stacks_run_side_by_side() -> None:
    together = threading.Barrier(3, timeout=10)

    def work(stack: str) -> str:
        if not ORDER[stack]:
            together.wait()
        return stack

    assert all(report.state == "done" for report in run_in_order(ORDER, work, side_by_side=3))


def test_a_failure_stops_only_what_waits_for_it() -> None:
    def work(stack: str) -> str:
        if stack == "west":
            raise EstateError("west is refused")
        return stack

    heard: list[tuple[str, str]] = []
    reports = {
        report.stack: report
        for report in run_in_order(ORDER, work, 2, lambda report: heard.append((report.stack, report.state)))
    }
    assert reports["west"].state == "failed" and reports["west"].error == "west is refused"
    assert reports["pair"].state == "skipped" and reports["pair"].error == "waits for west"
    assert reports["federation"].state == "done"
    assert dict(heard) == {stack: report.state for stack, report in reports.items()}


def test_a_stack_outside_the_selection_is_not_waited_for() -> None:
    assert [report.state for report in run_in_order({"pair": ["east", "west"]}, str)] == ["done"]


def test_an_error_of_aws_is_a_failure_of_its_stack_alone() -> None:
    def work(stack: str) -> str:
        if stack == "west":
            raise NoCredentialsError
        return stack

    reports = {report.stack: report for report in run_in_order(ORDER, work)}
    assert reports["west"].error == "west: AWS: Unable to locate credentials"
    assert {stack: report.state for stack, report in reports.items() if report.state != "done"} == {
        "west": "failed",
        "pair": "skipped",
    }


def test_a_programmers_error_is_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        run_in_order({"a": []}, lambda _stack: 1 // 0)
