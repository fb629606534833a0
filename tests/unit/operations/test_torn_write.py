"""A checkpoint that a killed engine was writing can be read again."""

from pathlib import Path

import pytest

from artifactory_estate.estate.load import loads
from artifactory_estate.operations.project import NAME, Project
from artifactory_estate.operations.torn_write import mend
from tests.unit.operations.test_lock import ESTATE

WHOLE = '{"user.content_type":"text/plain"}'


@pytest.fixture
def stacks(tmp_path: Path) -> Path:
    folder = tmp_path / "state" / ".pulumi" / "stacks" / NAME
    folder.mkdir(parents=True)
    (folder / "lab.json").write_text("{}")
    return folder


@pytest.mark.parametrize(("content", "stays"), [("", False), (WHOLE[:20], False), (WHOLE, True)])
def test_only_a_torn_sidecar_goes(tmp_path: Path, stacks: Path, content: str, stays: bool) -> None:
    (stacks / "lab.json.attrs").write_text(content)
    (stacks / "lab.json.18ea036d.tmp").write_text("{")
    (stacks / "labor.json.attrs").write_text("")
    mend(Project(tmp_path, tmp_path / "estate.yaml", loads(ESTATE), {}), "lab")
    assert (stacks / "lab.json.attrs").exists() == stays
    assert (stacks / "lab.json").exists() and (stacks / "labor.json.attrs").exists()
    assert not list(stacks.glob("*.tmp"))
