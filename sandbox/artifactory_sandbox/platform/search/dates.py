"""Searches by moments: creation, dates, usage (6.3)."""

from typing import Any

from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.search.answers import moment, readable, stores, uri
from artifactory_sandbox.platform.search.state import SearchState
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer

API = "/artifactory/api/search"
_COLUMNS = {"created": "created", "lastModified": "modified", "lastDownloaded": "downloaded"}
_NONE = "No results found."


def usage(call: Call) -> Answer:
    """Artifacts Not Downloaded Since."""
    call.platform.artifacts.statistics.flush()
    since = moment(call, "notUsedSince")
    rows = SearchState(call.platform.database).unused(since, moment(call, "createdBefore", since), stores(call))
    results = []
    for row in readable(call, rows):
        shown: dict[str, Any] = {"uri": uri(call, row)}
        if row["downloaded"]:
            shown["lastDownloaded"] = iso(row["downloaded"])
        results.append(shown)
    return _shown(results, "ArtifactUsageResult")


def creation(call: Call) -> Answer:
    """Artifacts Created in Date Range."""
    now = call.platform.clock.now()
    rows = SearchState(call.platform.database).dated(
        ("created",), moment(call, "from"), moment(call, "to", now), stores(call)
    )
    results = [{"uri": uri(call, row), "created": iso(row["created"])} for row in readable(call, rows)]
    return _shown(results, "ArtifactCreationResult")


def by_dates(call: Call) -> Answer:
    """Artifacts With Date in Date Range."""
    call.platform.artifacts.statistics.flush()
    fields = [name.strip() for name in call.first("dateFields").split(",") if name.strip()]
    if not fields or not _COLUMNS.keys() >= set(fields):
        raise Refused(400, "The 'dateFields' parameter must name created, lastModified or lastDownloaded")
    columns = [_COLUMNS[name] for name in fields]
    low, high = moment(call, "from"), moment(call, "to", call.platform.clock.now())
    results = []
    for row in readable(call, SearchState(call.platform.database).dated(columns, low, high, stores(call))):
        found = {name: iso(row[_COLUMNS[name]]) for name in fields if row[_COLUMNS[name]]}
        results.append({"uri": uri(call, row), **found})
    return _shown(results, "ArtifactDatesResult")


def _shown(results: list[dict[str, Any]], kind: str) -> Answer:
    if not results:
        raise Refused(404, _NONE)
    return json_answer({"results": results}, kind=f"search.{kind}")


ROUTES = (
    Route("GET", f"{API}/usage", "6.3", usage, Needs.USER),
    Route("GET", f"{API}/creation", "6.3", creation, Needs.USER),
    Route("GET", f"{API}/dates", "6.3", by_dates, Needs.USER),
)
