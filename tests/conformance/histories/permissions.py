"""Permissions (4.6): who may read, deploy and delete what, through users, groups, patterns and wide targets."""

from fnmatch import fnmatchcase
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.conformance.histories.machine import History

REPOSITORIES = st.sampled_from(["r1", "r2"])
TARGETS = st.sampled_from(["r1", "r2", "ANY LOCAL"])
USERS = st.sampled_from(["u1", "u2"])
PRINCIPALS = st.sampled_from(["u1", "u2", "g1"])
PATHS = st.sampled_from(["a/x.txt", "a/b/y.txt", "c/z.txt"])
PATTERNS = st.sampled_from(["**", "a/**", "c/*"])
ACTIONS = st.lists(st.sampled_from(["READ", "WRITE", "DELETE"]), min_size=1, unique=True)
NAMES = st.sampled_from(["p1", "p2"])
PASSWORD = "Password1!"

Grant = tuple[str, tuple[str, ...], str, str]


def matches(pattern: str, path: str) -> bool:
    """Enough of Ant's patterns for those above."""
    if pattern.endswith("/*") and "**" not in pattern:
        return fnmatchcase(path, pattern) and path.count("/") == pattern.count("/")
    return fnmatchcase(path, pattern.replace("**", "*"))


class Permissions(History):
    """The model: permission name -> (principal, actions, target, pattern), members of the group."""

    def __init__(self) -> None:
        super().__init__()
        self.grants: dict[str, Grant] = {}
        self.members: set[str] = set()
        self.files: set[tuple[str, str]] = set()

    def name(self, short: str) -> str:
        return short if short == "ANY LOCAL" else f"{self.mark}{short}"

    @initialize()
    def make_everybody(self) -> None:
        for repo in ("r1", "r2"):
            assert self.api("PUT", f"repositories/{self.name(repo)}", json={"rclass": "local"}).status_code == 200
        for user in ("u1", "u2"):
            body = {"username": self.name(user), "password": PASSWORD, "email": "u@acme.example"}
            assert self.call("POST", "/access/api/v2/users", json=body).status_code == 201
        assert self.call("POST", "/access/api/v2/groups", json={"name": self.name("g1")}).status_code == 201

    @rule(name=NAMES, principal=PRINCIPALS, actions=ACTIONS, over=TARGETS, pattern=PATTERNS)
    def grant(self, name: str, principal: str, actions: list[str], over: str, pattern: str) -> None:
        kind = "groups" if principal == "g1" else "users"
        artifact = {
            "actions": {kind: {self.name(principal): actions}},
            "targets": {self.name(over): {"include_patterns": [pattern], "exclude_patterns": []}},
        }
        body = {"name": self.name(name), "resources": {"artifact": artifact}}
        answer = self.call("POST", "/access/api/v2/permissions", json=body)
        assert answer.status_code == (409 if name in self.grants else 201), answer.text
        self.grants.setdefault(name, (principal, tuple(actions), over, pattern))

    @rule(name=NAMES)
    def withdraw(self, name: str) -> None:
        answer = self.call("DELETE", f"/access/api/v2/permissions/{self.name(name)}")
        assert answer.status_code == (204 if name in self.grants else 404), answer.text
        self.grants.pop(name, None)

    @rule(user=USERS, joins=st.booleans())
    def change_membership(self, user: str, joins: bool) -> None:
        body = {"add" if joins else "remove": [self.name(user)]}
        answer = self.call("PATCH", f"/access/api/v2/groups/{self.name('g1')}/members", json=body)
        assert answer.status_code == 200, answer.text
        (self.members.add if joins else self.members.discard)(user)

    @rule(user=USERS, repo=REPOSITORIES, path=PATHS)
    def deploy(self, user: str, repo: str, path: str) -> None:
        there = (repo, path) in self.files
        allowed = self._may(user, "WRITE", repo, path) and (not there or self._may(user, "DELETE", repo, path))
        content = f"{user} {self.mark} {len(self.files)} {path}".encode()
        answer = self._as(user, "PUT", repo, path, data=content)
        same = there and answer.status_code == 201 and self._may(user, "WRITE", repo, path)  # the very bytes may stay
        assert answer.status_code == (201 if allowed else 403) or same, answer.text
        if answer.status_code == 201:
            self.files.add((repo, path))

    @rule(repo=REPOSITORIES, path=PATHS)
    def deploy_as_administrator(self, repo: str, path: str) -> None:
        answer = self.call("PUT", f"/artifactory/{self.name(repo)}/{path}", data=b"admin")
        assert answer.status_code == 201
        self.files.add((repo, path))

    @rule(user=USERS, repo=REPOSITORIES, path=PATHS)
    def download(self, user: str, repo: str, path: str) -> None:
        answer = self._as(user, "GET", repo, path)
        wanted = 404 if (repo, path) not in self.files else 200
        assert answer.status_code == (wanted if self._may(user, "READ", repo, path) else 403), answer.text

    @rule(user=USERS, repo=REPOSITORIES, path=PATHS)
    def delete(self, user: str, repo: str, path: str) -> None:
        answer = self._as(user, "DELETE", repo, path)
        wanted = 204 if (repo, path) in self.files else 404
        assert answer.status_code == (wanted if self._may(user, "DELETE", repo, path) else 403), answer.text
        if answer.status_code == 204:
            self.files.discard((repo, path))

    @rule(repo=REPOSITORIES, path=PATHS)
    def nobody_in_particular(self, repo: str, path: str) -> None:
        answer = self.call("GET", f"/artifactory/{self.name(repo)}/{path}", auth=lambda request: request)
        assert answer.status_code == 401

    def teardown(self) -> None:
        for name in self.grants:
            self.call("DELETE", f"/access/api/v2/permissions/{self.name(name)}")
        for user in ("u1", "u2"):
            self.call("DELETE", f"/access/api/v2/users/{self.name(user)}")
        for repo in ("r1", "r2"):
            self.api("DELETE", f"repositories/{self.name(repo)}")

    def _as(self, user: str, method: str, repo: str, path: str, **options: Any) -> Any:
        return self.call(method, f"/artifactory/{self.name(repo)}/{path}", auth=(self.name(user), PASSWORD), **options)

    def _may(self, user: str, action: str, repo: str, path: str) -> bool:
        return any(
            action in actions
            and (principal == user or (principal == "g1" and user in self.members))
            and target in {repo, "ANY LOCAL"}
            and matches(pattern, path)
            for principal, actions, target, pattern in self.grants.values()
        )
