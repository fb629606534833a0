"""When a member has what is wanted."""

from typing import Any

import pytest

from artifactory_estate.base import Owner
from artifactory_estate.federation import form
from artifactory_estate.federation.form import Wanted
from artifactory_estate.federation.model import FederatedRepository, Member
from artifactory_estate.repositories.rest_form import Form
from artifactory_estate.rest.federation import worst

OWNER = Owner(estate="acme", resource="federation-shared/shared")
A, B = "http://a.example/artifactory/r", "http://b.example/artifactory/r"


def wanted(**fields: Any) -> Wanted:
    repository = FederatedRepository.from_data({"package_type": "generic", **fields})
    text = form.compact_all({"r": repository})["r"]
    members = form.member_list({"a": A, "b": B}, {"a": Member(), "b": Member()})
    return Wanted("r", Form.parse(text), None, OWNER, members)


def shown(**fields: Any) -> dict[str, Any]:
    members = [{"url": A, "enabled": True}, {"url": B, "enabled": True}]
    return {
        "key": "r",
        "rclass": "federated",
        "packageType": "generic",
        "notes": OWNER.text,
        "members": members,
    } | fields


@pytest.mark.parametrize(
    "found",
    [
        shown(),
        shown(members=[{"url": f"{B}/", "enabled": "true", "mode": "bidirectional"}, {"url": A, "enabled": True}]),
        shown(xrayIndex=True),
        shown(somethingNew=1),
    ],
    ids=["as sent", "order, slash, texts", "site-local", "unknown field"],
)
def test_a_member_has_it(found: dict[str, Any]) -> None:
    assert wanted(xray_index=False).shown_by(found)


@pytest.mark.parametrize(
    "found",
    [
        None,
        shown(rclass="local"),
        shown(notes=""),
        shown(description="older"),
        shown(members=[{"url": A, "enabled": True}]),
        shown(members=[{"url": A, "enabled": True}, {"url": B, "enabled": False}]),
        shown(members=[{"url": A, "enabled": True}, {"url": B, "enabled": True, "mode": "receiver"}]),
    ],
    ids=["nothing", "another class", "no mark", "older words", "a member less", "paused", "another mode"],
)
def test_a_member_has_it_not(found: dict[str, Any] | None) -> None:
    assert not wanted(description="newer").shown_by(found if found is None else {"description": "newer", **found})


def test_site_local_settings_are_written_where_they_differ() -> None:
    assert wanted(xray_index=True).site_local(shown(xrayIndex=False)) == {"xrayIndex": True}
    assert wanted(xray_index=True, description="new").site_local(shown(xrayIndex=True)) == {}


def test_mode_is_sent_only_when_it_is_not_the_default() -> None:
    members = {"a": Member(), "b": Member(mode="receiver", enabled=False)}
    assert form.member_list({"b": B, "a": A}, members) == [
        {"url": A, "enabled": True},
        {"url": B, "enabled": False, "mode": "receiver"},
    ]


def test_the_most_severe_state_counts() -> None:
    assert worst(["healthy", "full_sync_running", "delayed", "healthy"]) == "delayed"
    assert worst([]) == "healthy"
