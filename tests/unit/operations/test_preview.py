"""What a preview asks the servers, and what it says when it cannot."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from artifactory_estate.base import Refusal
from artifactory_estate.cloud.given import Given, GivenDeclaration
from artifactory_estate.engine import border
from artifactory_estate.operations.preview import Previewed, _ask

DECLARED = GivenDeclaration(site="us-east", region="us-east-1", vpc="vpc-1")
INPUTS = {border.LIFECYCLE: border.name_of(Given), border.RESOURCE: "us-east/given", **DECLARED.to_data()}
REFUSAL = Refusal(("sites", "us-east", "network", "vpc"), "vpc-1 is not there", "asked in us-east-1")


def asked(old: dict[str, Any] | None = None) -> Previewed:
    step = SimpleNamespace(
        type="pulumi-python:dynamic/estate:Given",
        op="update",
        urn="urn:pulumi:us-east::p::t::us-east-given",
        new=SimpleNamespace(inputs=INPUTS),
        old=SimpleNamespace(outputs=old) if old else None,
    )
    found = Previewed("us-east", {})
    _ask(step, found)  # type: ignore[arg-type]
    return found


def test_what_the_servers_refuse_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Given, "preflight", lambda *_: [REFUSAL])
    assert (asked().refusals, asked().lines) == ([REFUSAL], [])


def test_an_aws_that_does_not_answer_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: Any) -> None:
        raise NoCredentialsError

    monkeypatch.setattr(Given, "preflight", nobody)
    assert asked().lines == ["us-east-given: could not ask: Unable to locate credentials"]


def test_state_of_another_version_is_a_line() -> None:
    (line,) = asked({**INPUTS, "colour": "red"}).lines
    assert line.startswith("us-east-given: could not ask: state holds us-east/given as another version")
