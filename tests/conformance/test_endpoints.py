"""The list of the reference's endpoints, against the route table, the page and the cases."""

from pathlib import Path

from artifactory_sandbox.platform import coverage
from artifactory_sandbox.platform.table import ROUTES
from artifactory_sandbox.platform.web import Routes
from tests.conformance.cases import gathered
from tests.conformance.runner import filled

PAGE = Path(__file__).parents[2] / "docs" / "sandbox.md"
SECTIONS = {"1", "2", "3", "4", "5", "6", "7", "8", "12"}
"""Sections with endpoints of their own; 9 to 11 are rules, syntax and gaps."""


def test_the_page_shows_the_route_table_as_it_is() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == coverage.fresh(text, ROUTES), "run: make docs"


def test_nine_of_ten_endpoints_are_implemented() -> None:
    assert coverage.share(ROUTES) >= 0.9


def test_the_list_reaches_over_all_sections_and_names_nothing_twice() -> None:
    listed = coverage.endpoints()
    assert {one.section.split(".")[0] for one in listed} == SECTIONS
    assert len({(one.method, one.path) for one in listed}) == len(listed) > 340


def test_an_endpoint_that_nothing_serves_is_not_called_implemented() -> None:
    assert coverage.state(coverage.Endpoint("1.1", "GET", "/artifactory/api/system/nothing"), ROUTES) == "no"
    assert coverage.state(coverage.endpoints()[0], Routes(())) == "no"


def test_every_implemented_endpoint_is_called_by_a_case() -> None:
    calls = [call for _, case in gathered() for call in (*case.before, case.call)]
    paths = ((call.method, str(filled(call.path, {})).split("?")[0]) for call in calls)
    called = {coverage.find(ROUTES, method, path) for method, path in paths}
    served = {one: one.route(ROUTES) for one in coverage.endpoints()}
    assert [f"{one.method} {one.path}" for one, row in served.items() if row and row not in called] == []
