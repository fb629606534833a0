"""What the searches have in common: which repositories, who may see what, how results are shown (6.3)."""

from collections.abc import Iterable
from typing import Any

from artifactory_sandbox.platform.artifacts import info
from artifactory_sandbox.platform.artifacts.trash import TRASH
from artifactory_sandbox.platform.search.state import Repos, SearchState
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Refused, json_answer

DETAIL = "x-result-detail"


def stores(call: Call, parameter: str = "repos") -> Repos:
    """The stores of the named repositories, virtual ones opened; None when none is named."""
    return stores_of(call, [name.strip() for name in call.first(parameter).split(",") if name.strip()])


def stores_of(call: Call, names: list[str]) -> Repos:
    """The stores of repositories by name; None for none."""
    if not names:
        return None
    found: list[str] = []
    for name in names:
        members = call.platform.repositories.members_of(name) or [name]
        found += [store for member in members if (store := call.platform.artifacts.store_of(member))]
    return list(dict.fromkeys(found))


def readable(call: Call, rows: Iterable[Row]) -> list[Row]:
    """Those that the caller may read."""
    if call.caller.admin:
        return list(rows)
    may = call.platform.security.checker(call.caller)
    return [row for row in rows if row["repo"] != TRASH and may("read", row["repo"], row["path"])]


def uri(call: Call, row: Row) -> str:
    """Address of an item's information."""
    return f"{call.artifactory_url}/api/storage/{row['repo']}/{row['path']}"


def listed(call: Call, rows: Iterable[Row], kind: str = "ArtifactSearchResult") -> Answer:
    """Addresses, or with `X-Result-Detail` whole information and properties."""
    found = readable(call, rows)
    wanted = {part.strip().lower() for part in call.headers.get(DETAIL, "").split(",")}
    has: dict[int, dict[str, list[str]]] = {}
    if "properties" in wanted:
        has = SearchState(call.platform.database).properties([row["id"] for row in found])
    results: list[dict[str, Any]] = []
    for row in found:
        shown: dict[str, Any] = {"uri": uri(call, row)}
        if "info" in wanted:
            base, repo = call.artifactory_url, row["repo"]
            shown = info.folder_info(row, (), base, repo) if row["folder"] else info.file_info(row, base, repo)
        if "properties" in wanted:
            shown["properties"] = has.get(row["id"], {})
        results.append(shown)
    return json_answer({"results": results}, kind=f"search.{kind}")


def moment(call: Call, name: str, default: int | None = None) -> int:
    """A moment in milliseconds; a 400 without one unless there is a default."""
    if name not in call.query and default is not None:
        return default
    value = call.first(name)
    if not value.lstrip("-").isdecimal() or len(value) > 18:
        raise Refused(400, f"The '{name}' parameter is required, in milliseconds")
    return int(value)
