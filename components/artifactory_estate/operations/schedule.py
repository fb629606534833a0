"""Many stacks in dependency order, independent ones side by side."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from artifactory_estate.base import EstateError

Result = TypeVar("Result")


@dataclass(frozen=True)
class Report(Generic[Result]):
    """How one stack ended."""

    stack: str
    state: Literal["done", "failed", "skipped"]
    result: Result | None = None
    error: str = ""
    """Why it failed, or which failed stack it waits for."""


def run_in_order(
    waits_for: Mapping[str, Sequence[str]],
    work: Callable[[str], Result],
    side_by_side: int = 3,
    ended: Callable[[Report[Result]], None] = lambda _report: None,
) -> list[Report[Result]]:
    """Run `work` for every key of `waits_for`, each after those it waits for; `ended` hears of each as it ends.

    A failure does not stop the others; what waits for a failed stack is skipped and says so. Only stacks in the mapping
    are waited for. Ctrl-C lets running stacks finish and starts no more.
    """
    reports: dict[str, Report[Result]] = {}
    running: dict[Future[Result], str] = {}
    stop = threading.Event()
    with ThreadPoolExecutor(max_workers=side_by_side) as pool:
        try:
            while len(reports) < len(waits_for):
                for skipped in _start_ready(waits_for, reports, running, work, pool, stop):
                    ended(skipped)
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    stack = running.pop(future)
                    reports[stack] = _report(stack, future)
                    ended(reports[stack])
        except KeyboardInterrupt:
            stop.set()
            raise
    return [reports[stack] for stack in waits_for if stack in reports]


def _start_ready(
    waits_for: Mapping[str, Sequence[str]],
    reports: dict[str, Report[Result]],
    running: dict[Future[Result], str],
    work: Callable[[str], Result],
    pool: ThreadPoolExecutor,
    stop: threading.Event,
) -> list[Report[Result]]:
    skipped: list[Report[Result]] = []
    again = True
    while again and not stop.is_set():
        again = False
        for stack, everything in waits_for.items():
            before = [name for name in everything if name in waits_for]
            if stack in reports or stack in running.values() or any(name not in reports for name in before):
                continue
            if bad := [name for name in before if reports[name].state != "done"]:
                reports[stack] = Report(stack, "skipped", error=f"waits for {', '.join(bad)}")
                skipped.append(reports[stack])
                again = True
            else:
                running[pool.submit(work, stack)] = stack
    return skipped


def _report(stack: str, future: Future[Result]) -> Report[Result]:
    try:
        return Report(stack, "done", future.result())
    except EstateError as error:
        return Report(stack, "failed", error=str(error))
    except (BotoCoreError, ClientError) as error:
        return Report(stack, "failed", error=f"{stack}: AWS: {error}")
