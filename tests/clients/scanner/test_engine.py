"""What the scanner is given is what the real engine registers."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import artifactory_sandbox.aws_plugin as plugin
from tests.clients.scanner.cloudformation import template
from tests.clients.scanner.variants import default_program
from tests.support.aws import REGION, running_aws
from tests.support.engine import Engine
from tests.support.recording import Registered

PROGRAM = Path(__file__).with_name("program")
BIN = Path(plugin.__file__).parent / "bin"


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Registered]:
    """The AWS resources of a preview by the real engine, by type and name."""
    with running_aws():
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        engine = Engine(tmp_path_factory.mktemp("site"), PROGRAM, environment={"PATH": path, "AWS_REGION": REGION})
        text = engine.preview("--json")
    steps = json.loads(text[text.index("{\n") :])["steps"]
    return {
        f"{new['type']} {name}": Registered(new["type"], name, new["inputs"], "", frozenset())
        for step in steps
        if (new := step["newState"])["type"].startswith("aws:") and (name := step["urn"].rsplit("::", 1)[1])
    }


def policies(found: Mapping[str, Registered]) -> dict[str, Any]:
    """The trust and bucket settings, which hang on nothing that a preview does not know."""
    kept = ("assumeRolePolicy", "metadataOptions", "versioningConfiguration", "enableKeyRotation", "blockPublicPolicy")
    return {f"{key} {word}": each.inputs[word] for key, each in found.items() for word in kept if each.inputs.get(word)}


def test_the_engine_registers_what_the_scanner_sees(planned: dict[str, Registered]) -> None:
    seen = {
        f"{each.type} {each.name}": each
        for each in default_program().resources.values()
        if each.type.startswith("aws:")
    }
    assert planned.keys() == seen.keys()
    assert policies(planned) == policies(seen)


def test_all_of_it_can_be_translated(planned: dict[str, Registered]) -> None:
    assert len(template(planned.values())["Resources"]) > 80
