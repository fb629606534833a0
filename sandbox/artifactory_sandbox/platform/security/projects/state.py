"""Projects, roles, members, environments and shared repositories in the cluster's database."""

import json
from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform.security.identity_state import GRANTS, IdentityState
from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS projects (key TEXT PRIMARY KEY, display_name TEXT NOT NULL UNIQUE, description TEXT NOT NULL,"
    " privileges TEXT NOT NULL, soft_limit INTEGER NOT NULL, quota INTEGER NOT NULL, quota_mail INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS project_roles (project TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,"
    " description TEXT NOT NULL, environments TEXT NOT NULL, actions TEXT NOT NULL, PRIMARY KEY (project, name))",
    "CREATE TABLE IF NOT EXISTS project_members (project TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,"
    " roles TEXT NOT NULL, PRIMARY KEY (project, kind, name))",
    "CREATE TABLE IF NOT EXISTS environments (name TEXT PRIMARY KEY, project TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS project_shares (repo TEXT NOT NULL, project TEXT NOT NULL, read_only INTEGER NOT NULL,"
    " PRIMARY KEY (repo, project))",
)

EVERYBODY = "*"
"""Project of a share with all projects."""


class ProjectState:
    """All SQL about projects. The roles of no project (an empty key) are the global ones."""

    def __init__(self, database: Database, marks: IdentityState) -> None:
        self._db = database
        self._marks = marks

    def project(self, key: str) -> Row | None:
        """One project."""
        return self._db.row("SELECT * FROM projects WHERE key = ?", key)

    def projects(self) -> list[Row]:
        """All projects by key."""
        return self._db.rows("SELECT * FROM projects ORDER BY key")

    def named(self, display_name: str) -> str | None:
        """Key of the project that has a display name."""
        found: str | None = self._db.value("SELECT key FROM projects WHERE display_name = ?", display_name)
        return found

    def put(self, project: Mapping[str, Any]) -> None:
        """Stores a project whole."""
        with self._db.transaction():
            self._db.run(
                "INSERT INTO projects (key, display_name, description, privileges, soft_limit, quota, quota_mail)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (key) DO UPDATE SET display_name = excluded.display_name, description = excluded.description,"
                " privileges = excluded.privileges, soft_limit = excluded.soft_limit, quota = excluded.quota,"
                " quota_mail = excluded.quota_mail",
                *(project["project_key"], project["display_name"], project["description"]),
                *(json.dumps(project["admin_privileges"]), int(project["soft_limit"]), project["storage_quota_bytes"]),
                int(project["storage_quota_email_notification"]),
            )
            self._marks.changed(GRANTS)

    def quota_of(self, repo: str) -> Row | None:
        """Key and quota of the project that a repository belongs to, when that has a hard limit."""
        return self._db.row(
            "SELECT projects.key, projects.quota FROM repositories JOIN projects ON projects.key = repositories.project"
            " WHERE repositories.key = ? AND projects.quota > 0 AND projects.soft_limit = 0",
            repo,
        )

    def used_bytes(self, key: str) -> int:
        """Bytes of all files in a project's repositories."""
        found = self._db.value(
            "SELECT COALESCE(SUM(items.size), 0) FROM repositories JOIN items ON items.repo = repositories.key"
            " WHERE repositories.project = ?",
            key,
        )
        return int(found)

    def delete(self, key: str) -> None:
        """Removes a project with its roles, members, environments and shares."""
        with self._db.transaction():
            self._db.run("DELETE FROM projects WHERE key = ?", key)
            for table in ("project_roles", "project_members", "environments", "project_shares"):
                self._db.run(f"DELETE FROM {table} WHERE project = ?", key)  # noqa: S608  names of our own
            self._marks.changed(GRANTS)

    def role(self, project: str, name: str) -> Row | None:
        """One role."""
        return self._db.row("SELECT * FROM project_roles WHERE project = ? AND name = ?", project, name)

    def roles(self, project: str | None = None) -> list[Row]:
        """Roles of a project, or of all."""
        if project is None:
            return self._db.rows("SELECT * FROM project_roles ORDER BY project, name")
        return self._db.rows("SELECT * FROM project_roles WHERE project = ? ORDER BY name", project)

    def put_role(self, project: str, role: Mapping[str, Any]) -> None:
        """Stores a role whole."""
        with self._db.transaction():
            self._db.run(
                "INSERT INTO project_roles (project, name, kind, description, environments, actions) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (project, name) DO UPDATE SET kind = excluded.kind, description = excluded.description,"
                " environments = excluded.environments, actions = excluded.actions",
                *(project, role["name"], role["type"], role["description"]),
                *(json.dumps(role["environments"]), json.dumps(role["actions"])),
            )
            self._marks.changed(GRANTS)

    def delete_role(self, project: str, name: str) -> None:
        """Removes a role."""
        with self._db.transaction():
            self._db.run("DELETE FROM project_roles WHERE project = ? AND name = ?", project, name)
            self._marks.changed(GRANTS)

    def member(self, project: str, kind: str, name: str) -> list[str] | None:
        """Roles of a member; None for one who is none."""
        found = self._db.value(
            "SELECT roles FROM project_members WHERE project = ? AND kind = ? AND name = ?", project, kind, name
        )
        return None if found is None else list(json.loads(found))

    def members(self, project: str | None, kind: str | None) -> list[Row]:
        """Members; of one project and one kind when they are named."""
        return self._db.rows(
            "SELECT project, kind, name, roles FROM project_members WHERE (? = '' OR project = ?) AND (? = '' OR kind = ?)"
            " ORDER BY project, kind, name",
            *(project or "", project or "", kind or "", kind or ""),
        )

    def put_member(self, project: str, kind: str, name: str, roles: list[str]) -> None:
        """Stores a member's roles."""
        with self._db.transaction():
            self._db.run(
                "INSERT INTO project_members (project, kind, name, roles) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (project, kind, name) DO UPDATE SET roles = excluded.roles",
                *(project, kind, name, json.dumps(roles)),
            )
            self._marks.changed(GRANTS)

    def delete_member(self, project: str | None, kind: str, name: str) -> bool:
        """Takes somebody out of a project, or of all."""
        with self._db.transaction():
            self._marks.changed(GRANTS)
            return bool(
                self._db.run(
                    "DELETE FROM project_members WHERE (? = '' OR project = ?) AND kind = ? AND name = ?",
                    *(project or "", project or "", kind, name),
                )
            )

    def environments(self, project: str | None = None) -> list[Row]:
        """Environments of a project, the global ones for an empty key, or all."""
        if project is None:
            return self._db.rows("SELECT name, project FROM environments ORDER BY name")
        return self._db.rows("SELECT name, project FROM environments WHERE project = ? ORDER BY name", project)

    def put_environment(self, name: str, project: str) -> bool:
        """Stores an environment; False when there is one of that name."""
        return bool(
            self._db.run(
                "INSERT INTO environments (name, project) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", name, project
            )
        )

    def rename_environment(self, name: str, new_name: str) -> None:
        """Gives an environment another name, also in the roles that name it."""
        with self._db.transaction():
            self._db.run("UPDATE environments SET name = ? WHERE name = ?", new_name, name)
            for row in self.roles():
                names = json.loads(row["environments"])
                if name in names:
                    changed = json.dumps([new_name if one == name else one for one in names])
                    self._db.run(
                        "UPDATE project_roles SET environments = ? WHERE project = ? AND name = ?",
                        *(changed, row["project"], row["name"]),
                    )
            self._marks.changed(GRANTS)

    def delete_environment(self, name: str) -> bool:
        """Removes an environment."""
        return bool(self._db.run("DELETE FROM environments WHERE name = ?", name))

    def share(self, repo: str, project: str, read_only: bool) -> None:
        """Shares a repository with a project, or with everybody."""
        with self._db.transaction():
            self._db.run(
                "INSERT INTO project_shares (repo, project, read_only) VALUES (?, ?, ?) ON CONFLICT (repo, project)"
                " DO UPDATE SET read_only = excluded.read_only",
                *(repo, project, int(read_only)),
            )
            self._marks.changed(GRANTS)

    def unshare(self, repo: str, project: str | None = None) -> bool:
        """Ends one share of a repository, or all."""
        with self._db.transaction():
            self._marks.changed(GRANTS)
            return bool(
                self._db.run(
                    "DELETE FROM project_shares WHERE repo = ? AND (? = '' OR project = ?)",
                    *(repo, project or "", project or ""),
                )
            )

    def shares(self) -> list[Row]:
        """Every share."""
        return self._db.rows("SELECT repo, project, read_only FROM project_shares ORDER BY repo, project")
