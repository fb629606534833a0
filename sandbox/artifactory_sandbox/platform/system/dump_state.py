"""Rows of tables of other rooms, whole, for exports: the one place that reads them without knowing what they mean."""

from typing import Any

from artifactory_sandbox.platform.state import Database

TABLES = {
    "users": "name",
    "groups": "name",
    "members": "user_name, group_name",
    "permissions": "name",
    "environments": "name",
    "projects": "",
    "project_roles": "project, name",
    "project_members": "project, kind, name",
    "project_shares": "repo, project",
    "key_pairs": "name",
    "trusted_keys": "",
}
"""Tables and their primary keys; an empty one has a second key as well: what is there stays."""


class DumpState:
    """All SQL of exports. Names of tables are ours, names of columns are checked against `columns`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def columns(self, table: str) -> set[str]:
        """Names of the columns, also while the table is empty."""
        row = self._db.row(f"SELECT t.* FROM (SELECT 1 AS one) AS x LEFT JOIN {table} AS t ON 1 = 1 LIMIT 1")  # noqa: S608
        return set(dict(row)) if row is not None else set()

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Every row."""
        return [dict(row) for row in self._db.rows(f"SELECT * FROM {table}")]  # noqa: S608

    def restore(self, table: str, rows: list[dict[str, Any]]) -> None:
        """Puts rows in, over those of the same key."""
        key = TABLES[table]
        for row in rows:
            changed = ", ".join(f"{name} = excluded.{name}" for name in row if name not in key.split(", "))
            then = f"({key}) DO UPDATE SET {changed}" if key and changed else "DO NOTHING"
            marks = ", ".join("?" * len(row))
            self._db.run(
                f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks}) ON CONFLICT {then}",  # noqa: S608
                *row.values(),
            )
