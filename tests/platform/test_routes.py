"""The route table as data."""

import re

import pytest

from artifactory_sandbox.platform.table import ROUTES
from artifactory_sandbox.platform.version import Version
from artifactory_sandbox.platform.web import Answer, Call, Needs, Route, Routes, empty


def test_every_row_names_its_section_and_says_what_it_does() -> None:
    for row in ROUTES:
        assert re.fullmatch(r"\d+(\.\d+){0,2}|control|internal", row.section), row.name
        assert row.handler.__doc__ or row.section == "control", row.name
        assert row.path.startswith("/"), row.name


def test_a_fixed_segment_wins_and_api_is_no_repository() -> None:
    def found(method: str, path: str) -> str | None:
        row = ROUTES.find(method, tuple(path.strip("/").split("/")))
        return row[0].path if row else None

    assert (
        found("GET", "/artifactory/api/repositories/configurations") == "/artifactory/api/repositories/configurations"
    )
    assert found("GET", "/artifactory/api/repositories/other") == "/artifactory/api/repositories/{key}"
    assert found("HEAD", "/artifactory/libs/a/b") == "/artifactory/{repo}/{path:path}"
    assert found("GET", "/artifactory/libs/api/x") == "/artifactory/{repo}/{path:path}"
    assert found("GET", "/artifactory/api/nonsense") is None


def test_two_rows_for_one_call_are_refused() -> None:
    def handler(call: Call) -> Answer:
        del call
        return empty()

    row = Route("GET", "/a/{b}", "1.1", handler, Needs.NOTHING)
    with pytest.raises(ValueError, match="two rows"):
        Routes([row, row])


@pytest.mark.parametrize(
    ("version", "revision"), [("7.77.16", "77716900"), ("7.111.9", "81109900"), ("7.161.26", "86126900")]
)
def test_the_revision_goes_with_the_version(version: str, revision: str) -> None:
    assert Version(version).revision == revision


def test_versions_compare_by_number() -> None:
    assert Version("7.111.4").at_least("7.84.3")
    assert not Version("7.84.3").at_least("7.104.2")
    with pytest.raises(ValueError, match="not a version"):
        Version("latest")
