"""Repositories through the real engine, against the simulated platform."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from artifactory_estate.rest import repositories
from tests.clients.running import Running, running
from tests.support.engine import Engine

ROOT = Path(__file__).parents[3]
COUNT = 1000


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("platform"), ["lab"]) as found:
        yield found["lab"]


def engine_of(folder: Path, program: Path, lab: Running) -> Engine:
    environment = {"ARTIFACTORY_TOKEN": lab.token_file.read_text(), "URL": lab.url, "no_proxy": "127.0.0.1"}
    return Engine(folder, program, environment=environment)


def keys(lab: Running) -> set[str]:
    found = repositories.all_configurations(lab.platform)
    return {key for key, item in found.items() if item["packageType"] != "buildinfo"}


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
    engine = engine_of(tmp_path / "project", Path(__file__).parent / "program", lab)
    before = lab.calls
    engine.up(COUNT=str(COUNT))
    assert len(keys(lab)) == COUNT
    assert lab.calls - before - 1 <= COUNT / 100 + 5
    before = lab.calls
    engine.preview("--expect-no-changes", COUNT=str(COUNT))
    assert lab.calls == before
    engine.refresh(COUNT=str(COUNT))
    assert lab.calls - before <= 15
    managed = engine.resources()["many"]
    texts = managed["inputs"]["repositories"]
    assert len(texts) == COUNT
    assert max(map(len, texts.values())) <= 120
    constant = len(json.dumps({**managed, "inputs": {}, "outputs": {}})) + 2000
    assert (len(json.dumps(managed)) - constant) / COUNT <= 450
    said = engine.preview("--diff", COUNT=str(COUNT), DESCRIPTION="new words")
    assert "team-0000-maven-local" in said
    assert "team-0001-maven-local" not in said
    engine.destroy(COUNT=str(COUNT))
    assert keys(lab) == set()
