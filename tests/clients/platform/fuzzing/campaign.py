"""A campaign: rounds of drawn requests to fresh nodes, and what went wrong in them."""

import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from random import Random

from artifactory_sandbox.platform.table import ROUTES
from artifactory_sandbox.platform.web import Route
from tests.clients.platform.fuzzing import vocabulary
from tests.clients.platform.fuzzing.drawing import Drawer, Drawn
from tests.clients.platform.fuzzing.target import Line, Target, target
from tests.support.postgres import Server

DOCUMENTED = {500, 501, 502, 503, 504, 507}
"""Answers of rows that ask other platforms, of a node without a licence, and 500 in the reference's own words."""
UNEXPECTED = (b"An unexpected error has occurred", b"Internal Server Error")
ENDING = ("expirePassword", "licenses", "import/system", "revoke")
"""What makes a node useless for the rest of a round, when it does what it says."""
ROUND_S = 20.0
SLOW_S = 15.0
_SELDOM = 0.02


@dataclass
class Report:
    """What a campaign saw. `findings`: one request for each thing that went wrong."""

    seed: int
    requests: int = 0
    rounds: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    rows: set[str] = field(default_factory=set)
    findings: dict[str, str] = field(default_factory=dict)
    most_memory_mib: float = 0.0
    finished: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def found(self, what: str, request: str) -> None:
        """Keeps the first request that does it."""
        with self.lock:
            self.findings.setdefault(what, request)

    @property
    def text(self) -> str:
        """For people."""
        lines = [f"seed {self.seed}: {self.requests} requests in {self.rounds} rounds, {len(self.rows)} rows"]
        lines += [f"  {status}: {times}" for status, times in sorted(self.statuses.items())]
        lines += [f"* {what}\n    {request}" for what, request in sorted(self.findings.items())]
        return "\n".join(lines)


def rows() -> list[Route]:
    """Every row but the control routes, which are for breaking things."""
    return [row for row in ROUTES if not row.path.startswith("/__sandbox__")]


def once(folder: Path, seed: int, per_row: int, cases: int) -> Report:
    """So many requests for each row and so many changed cases; the same ones every time."""
    report, requests = Report(seed), None
    while requests is None or not report.finished:
        with target(folder / f"round-{report.rounds}") as node:
            requests = requests or _each(Drawer(Random(seed), node.callers, node.outside), per_row, cases)
            report.finished = _play(node, requests, report)
            _judge(node, report)
    return report


def _each(drawer: Drawer, per_row: int, cases: int) -> Iterator[Drawn]:
    """Changed cases, then every row; those that end a round last."""
    for number in range(cases):
        yield from _case(drawer, number)
    for row in sorted(rows(), key=lambda row: _ends(row.path)):
        yield from (drawer.of_row(row) for _ in range(per_row))


def _case(drawer: Drawer, number: int) -> Iterator[Drawn]:
    known = vocabulary.cases()
    if known:
        yield from drawer.of_case(drawer.random.choice(known), number)


def campaign(folder: Path, seed: int, seconds: float, threads: int = 4, server: Server | None = None) -> Report:
    """Rounds until the time is over, each with a fresh node and several clients; every other one on PostgreSQL."""
    report, until = Report(seed), time.monotonic() + seconds
    for number in count():
        if time.monotonic() >= until or len(report.findings) > 200:
            return report
        place = folder / f"round-{number}"
        with target(place, server.new() if server and number % 2 else "") as node:
            end = min(until, time.monotonic() + ROUND_S)
            drawers = [
                Drawer(Random(f"{seed} {number} {thread}"), node.callers, node.outside) for thread in range(threads)
            ]
            clients = [threading.Thread(target=_play, args=(node, _endless(drawer, end), report)) for drawer in drawers]
            for client in clients:
                client.start()
            for client in clients:
                client.join()
            _judge(node, report)
        shutil.rmtree(place)
    return report


def _endless(drawer: Drawer, end: float) -> Iterator[Drawn]:
    table = rows()
    for number in count():
        drawn = [drawer.of_row(drawer.random.choice(table)) for _ in range(3)]
        for one in chain(drawn, _case(drawer, number)):
            if time.monotonic() >= end:
                return
            if not _ends(one.target) or drawer.random.random() < _SELDOM:
                yield one


def _ends(path: str) -> bool:
    return any(part in path for part in ENDING)


def _play(node: Target, requests: Iterator[Drawn], report: Report) -> bool:
    """Sends them until there are no more (true), or until the node is of no more use."""
    line = Line(node.node.url)
    try:
        for drawn in requests:
            before, began = node.logged, time.monotonic()
            try:
                answer = line.send(drawn)
            except TimeoutError:
                report.found(f"no answer: {drawn.row}", drawn.shown)
                answer = None
            took = time.monotonic() - began
            if took > SLOW_S:
                report.found(f"slow: {drawn.row}", f"{took:.1f} s: {drawn.shown}")
            with report.lock:
                report.requests += 1
                report.rows.add(drawn.row)
                report.statuses[answer[0] if answer else 0] += 1
            if answer is None and node.node.process.poll() is not None:
                report.found(f"the node ended with {node.node.process.poll()}", drawn.shown)
                return False
            if answer:
                drawn.learn(answer[1])
                _look(node, drawn, *answer, before, report)
                if answer[0] in {401, 503} and ("Authorization", node.callers["admin"]) in drawn.headers:
                    _still_of_use(node, line)
            if node.over.is_set():
                return False
        return True
    finally:
        line.close()


def _still_of_use(node: Target, line: Line) -> None:
    """Ends the round when the administrator cannot do anything any more."""
    answer = line.send(Drawn("GET", "/artifactory/api/system/version", (("Authorization", node.callers["admin"]),)))
    if answer and answer[0] in {401, 503}:
        node.over.set()


def _look(node: Target, drawn: Drawn, status: int, body: bytes, before: int, report: Report) -> None:
    if b"Traceback (most recent call last)" in body:
        report.found(f"a traceback in the answer: {drawn.row}", drawn.shown)
    if status >= 500 and (status not in DOCUMENTED or any(words in body for words in UNEXPECTED)):
        report.found(f"{status}: {node.where(before) or drawn.row}", f"{drawn.shown} -> {body[:200]!r}")


def _judge(node: Target, report: Report) -> None:
    """After a round: the node lives, wrote nowhere else, and has not grown."""
    report.rounds += 1
    report.most_memory_mib = max(report.most_memory_mib, node.node.most_memory_mib)
    answer = node.node.call("GET", "/artifactory/api/v1/system/liveness", auth=None)
    if answer.status_code not in {200, 503}:
        report.found(f"not alive: {answer.status_code}", answer.text[:200])
    for stray in node.strays():
        report.found(f"a file outside the node's folders: {stray}", "")
    left = [path.name for path in (node.folder / "data").rglob("upload-*")]
    if left:
        report.found("an upload was left behind", str(left[:5]))
