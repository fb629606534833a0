"""Repositories through the real engine, against the simulated platform."""

from pathlib import Path

from artifactory_estate.rest import repositories
from tests.clients.running import Running
from tests.engine.repositories.cost import PROGRAM, cost, engine_of, keys, longest_text, state_bytes

ROOT = Path(__file__).parents[3]
COUNT = 1000
CONSTANT = 10_000
"""Bytes of state that do not grow with the repositories: stack, provider, component, connection."""


def test_the_example_makes_keeps_and_removes(tmp_path: Path, lab: Running) -> None:
    engine = engine_of(tmp_path / "project", ROOT / "docs" / "examples" / "repositories", lab)
    engine.run("config", "set", "url", lab.url, "-s", engine.stack)
    engine.up()
    assert keys(lab) == {"libs-local", "images-local", "npm-mirror", "libs"}
    assert engine.resources()["team-repositories-platform"]["type"] == "pulumi:providers:pulumi-python"
    before = lab.writes
    assert "4 unchanged" in engine.up()
    assert lab.writes == before
    repositories.update(lab.platform, [{"key": "libs-local", "rclass": "local", "description": "odd"}])
    repositories.delete(lab.platform, "npm-mirror")
    engine.refresh()
    said = engine.preview("--diff")
    assert "odd" in said
    assert "npm-mirror" in said
    assert "images-local" not in said
    engine.up()
    assert repositories.configuration(lab.platform, "libs-local")["description"] == "what we release"  # type: ignore[index]
    assert "npm-mirror" in keys(lab)
    lab.upload("libs-local", "a.jar", b"1")
    assert "libs-local is no longer declared and holds 1 artifact, 1 byte " in engine.destroy(fails=True)
    assert len(keys(lab)) == 4
    repositories.delete(lab.platform, "libs-local")
    engine.destroy()
    assert keys(lab) == set()


def test_a_thousand_cost_what_was_promised(tmp_path: Path, lab: Running) -> None:
    engine = engine_of(tmp_path / "project", PROGRAM, lab)
    count = str(COUNT)
    assert cost(lab, lambda: engine.up(COUNT=count)).requests <= COUNT / 100 + 5
    assert len(keys(lab)) == COUNT
    assert longest_text(engine) <= 120
    assert state_bytes(engine) <= 450 * COUNT + CONSTANT
    assert cost(lab, lambda: engine.preview("--expect-no-changes", COUNT=count)).requests == 0
    assert cost(lab, lambda: engine.refresh(COUNT=count)).requests <= 15
    said = engine.preview("--diff", COUNT=count, DESCRIPTION="new words")
    assert "team-0000-maven-local" in said
    assert "team-0001-maven-local" not in said
    engine.destroy(COUNT=count)
    assert keys(lab) == set()
