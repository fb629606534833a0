"""What Access and the key store hold, out to a file and back (1.8)."""

from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.security.identity_state import GRANTS, IDENTITIES
from artifactory_sandbox.platform.system.dump_state import TABLES, DumpState

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

Dump = dict[str, list[dict[str, Any]]]


def dump(platform: "Platform") -> Dump:
    """The rows of every table."""
    state = DumpState(platform.database)
    return {table: state.rows(table) for table in TABLES}


def problem(platform: "Platform", found: Any) -> str | None:
    """Why this is no such file, or one of another version; None when it can be restored."""
    if not isinstance(found, dict) or not set(found) <= set(TABLES):
        return "it does not hold users, groups and permissions"
    state = DumpState(platform.database)
    for table, rows in found.items():
        if not isinstance(rows, list):
            return f"{table} is no list of rows"
        columns = state.columns(table) if rows else set()
        for row in rows:
            if not isinstance(row, dict) or set(row) != columns:
                return f"{table} holds a row of another version"
            if any(isinstance(value, (dict, list, bool, float)) for value in row.values()):
                return f"{table} holds a value that is none"
    return None


def restore(platform: "Platform", found: Dump) -> None:
    """Merges the rows into what is there: entries of the file win, others stay."""
    state = DumpState(platform.database)
    with platform.database.transaction():
        for table in TABLES:
            state.restore(table, found.get(table, []))
        for mark in (IDENTITIES, GRANTS):
            platform.security.state.changed(mark)
