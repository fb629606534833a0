"""What is in the vocabulary and not offered yet: valid, and refused before any request."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from artifactory_estate.base import Refused
from artifactory_estate.cli.main import app
from artifactory_estate.estate import offered
from artifactory_estate.estate.load import loads
from artifactory_estate.operations.project import open_project
from tests.unit.estate.documents import SAMPLE

NOT_YET = {
    "sites.us-east.reach: ssm": SAMPLE.replace("reach: direct", "reach: ssm"),
    "disaster_recovery.east.service.switch: load_balancer": SAMPLE.replace("switch: route53", "switch: load_balancer"),
    "trust.edges[0].use: access": SAMPLE + "trust: {edges: [{between: [us-east, us-west], use: access}]}\n",
}


@pytest.mark.parametrize("said", NOT_YET)
def test_refused_by_up_and_named_by_validate(said: str, tmp_path: Path) -> None:
    document = tmp_path / "estate.yaml"
    document.write_text(NOT_YET[said])
    with pytest.raises(Refused, match="not offered yet"):
        open_project(document)
    shown = CliRunner().invoke(app, ["validate", str(document)])
    assert shown.exit_code == 0 and f"up will refuse: {said} (not offered yet)" in shown.output


def test_nothing_of_the_sample_is() -> None:
    assert list(offered.refusals(loads(SAMPLE))) == []
