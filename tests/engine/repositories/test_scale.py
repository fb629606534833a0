"""Part `scale` of the long tests: thousands of repositories through the real engine, timed."""

from pathlib import Path

import pytest

from tests.clients.running import Running
from tests.engine.repositories.cost import PROGRAM, Cost, cost, engine_of, keys, longest_text, state_bytes
from tests.support.engine import Engine
from tests.support.evidence import Evidence

MANY = 5000
SINGLE = 300
"""Single resources are not measured at 5,000: the engine rewrites the whole checkpoint for each."""
SIMULATED = (
    "The server is the sandbox's simulated platform on the same machine, the state backend a local folder. Seconds are "
    "those of a whole `pulumi` command, its start included; bytes are those of the checkpoint file."
)


@pytest.mark.long(part="scale")
def test_five_thousand_cost_what_was_promised(tmp_path: Path, lab: Running, evidence: Evidence) -> None:
    """5,000 repositories of one site in one resource."""
    engine = engine_of(tmp_path / "project", PROGRAM, lab)
    count = str(MANY)

    def ran(what: str, done: Cost, most: int | None = None) -> None:
        evidence.figure(f"{what}: requests", done.requests, most=most)
        evidence.figure(f"{what}: time", done.seconds, "s")

    evidence.note(SIMULATED)
    ran("preview before anything is there", cost(lab, lambda: engine.preview(COUNT=count)), 0)
    ran("create", cost(lab, lambda: engine.up(COUNT=count)), MANY // 100 + 5)
    assert len(keys(lab)) == MANY
    evidence.figure("longest JSON text of a repository", longest_text(engine), "bytes", 120)
    full = state_bytes(engine)
    ran("preview unchanged", cost(lab, lambda: engine.preview("--expect-no-changes", COUNT=count)), 0)
    ran("up unchanged", cost(lab, lambda: engine.up(COUNT=count)), 0)
    ran("refresh", cost(lab, lambda: engine.refresh(COUNT=count)), 15)
    ran("change one", cost(lab, lambda: engine.up(COUNT=count, DESCRIPTION="new words")))
    ran("remove all", cost(lab, lambda: engine.up(COUNT="0")))
    assert keys(lab) == set()
    empty = state_bytes(engine)
    evidence.figure("state", full, "bytes")
    evidence.figure("state without any repository", empty, "bytes")
    evidence.figure("state of each repository", (full - empty) / MANY, "bytes", 450)
    engine.destroy(COUNT="0")


def figures_of(engine: Engine, lab: Running) -> dict[str, tuple[float, str]]:
    """Value and unit by name, of all that happens to `SINGLE` repositories from their creation to their end."""
    count = str(SINGLE)
    steps = {
        "create": lambda: engine.up(COUNT=count),
        "preview unchanged": lambda: engine.preview("--expect-no-changes", COUNT=count),
        "refresh": lambda: engine.refresh(COUNT=count),
        "destroy": lambda: engine.destroy(COUNT=count),
    }
    found: dict[str, tuple[float, str]] = {}
    for step, run in steps.items():
        done = cost(lab, run)
        found |= {f"{step}: requests": (done.requests, ""), f"{step}: time": (done.seconds, "s")}
        if step == "create":
            assert len(keys(lab)) == SINGLE
            found["state"] = (state_bytes(engine), "bytes")
    assert keys(lab) == set()
    return found


@pytest.mark.long(part="scale")
def test_one_resource_costs_less_than_single_ones(tmp_path: Path, lab: Running, evidence: Evidence) -> None:
    """300 single resources beside the same 300 repositories in one."""
    evidence.note(
        "The engine rewrites the whole checkpoint for each resource that it makes or removes, so the cost of single "
        "resources grows faster than their number: nothing is extrapolated from these."
    )
    single = figures_of(engine_of(tmp_path / "single", PROGRAM.parent / "single", lab), lab)
    one = figures_of(engine_of(tmp_path / "one", PROGRAM, lab), lab)
    for name, (value, unit) in single.items():
        evidence.figure(f"{name}, single resources", value, unit)
        evidence.figure(f"{name}, one resource", *one[name])
        if one[name][0]:
            evidence.figure(f"{name}, ratio", value / one[name][0])
    for name in ("create: time", "create: requests", "state"):
        assert one[name] < single[name], name
