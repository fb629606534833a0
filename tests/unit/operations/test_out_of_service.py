"""Which of a stack's resources `up` reads back before it begins."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from artifactory_estate.cloud.lifecycle import Bundle, BundleDeclaration, BundleObservation
from artifactory_estate.engine import border
from artifactory_estate.operations.out_of_service import read_back_bundles

DECLARED = BundleDeclaration(bucket="b", region="us-east-1", files={"a.sh": ""}, script="true", group="acme-nodes")
BUNDLE = {
    "urn": "urn::bundle",
    "outputs": border.outputs(
        {"lifecycle": border.name_of(Bundle), "resource": "us-east/x"}, DECLARED, BundleObservation()
    ),
}


class Stack:
    """What the engine has of a stack, and what it was asked to refresh."""

    def __init__(self, name: str = "us-east", *resources: Any) -> None:
        self.name, self.resources = name, [{"urn": "urn::vpc", "outputs": {"id": "vpc-1"}}, *resources]
        self.project = SimpleNamespace(estate=SimpleNamespace(managed_sites={"us-east": None}))
        self.refreshed: list[str] = []

    def exported(self) -> dict[str, Any]:
        return {"resources": self.resources}

    def refresh_only(self, urns: list[str]) -> None:
        self.refreshed += urns


@pytest.fixture
def pending(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the bundle says is to be done."""
    said: list[str] = []
    monkeypatch.setattr(
        Bundle, "read", lambda _self, last, seen: (last, seen.model_copy(update={"pending": tuple(said)}))
    )
    return said


def read_back(stack: Stack) -> list[str]:
    found = read_back_bundles(stack)  # type: ignore[arg-type]
    assert stack.refreshed == found
    return found


def test_a_site_whose_nodes_serve_is_left_to_the_document(pending: list[str]) -> None:
    assert read_back(Stack("us-east", BUNDLE)) == []


def test_a_node_that_does_not_serve_is_put_right_by_the_next_up(pending: list[str]) -> None:
    pending.append("i-1 does not serve")
    assert read_back(Stack("us-east", BUNDLE)) == ["urn::bundle"]


def test_other_stacks_and_what_is_being_deleted_are_not_asked(pending: list[str]) -> None:
    pending.append("i-1 does not serve")
    assert read_back(Stack("federation-shared", BUNDLE)) == []
    assert read_back(Stack("us-east", {**BUNDLE, "delete": True})) == []


def test_a_region_that_does_not_answer_is_for_the_engine_to_complain_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://autoscaling")

    monkeypatch.setattr(Bundle, "read", away)
    assert read_back(Stack("us-east", BUNDLE)) == []


def test_what_another_version_wrote_is_for_the_engine_to_complain_of(pending: list[str]) -> None:
    pending.append("i-1 does not serve")
    foreign = {**BUNDLE, "outputs": {**BUNDLE["outputs"], "colour": "red"}}  # type: ignore[dict-item]
    assert read_back(Stack("us-east", foreign)) == []
