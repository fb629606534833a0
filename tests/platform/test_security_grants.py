"""What is granted: a pure function of permission targets, roles, principal and place (reference 4.6, 12.5.8)."""

from collections.abc import Iterable

import pytest

from artifactory_sandbox.platform.security import scopes
from artifactory_sandbox.platform.security.grants.model import Grant, Grants, Place, Principal, Role, Sharing, Target
from tests.platform.running import Bare

LOCAL = Place("libs", "local")
REMOTE = Place("far", "remote")
BUILDS = Place("artifactory-build-info", "local", "build")
ANN = Principal("ann", frozenset({"team"}))


def granted(
    target: str, words: Iterable[str] = ("READ",), kind: str = "artifact", includes: tuple[str, ...] = ("**",)
) -> Grants:
    return Grants(users={"ann": (Grant(kind, frozenset(words), (Target(target, includes, ("secret/**",)),)),)})


@pytest.mark.parametrize(
    ("target", "place", "allowed"),
    [
        ("libs", LOCAL, True),
        ("other", LOCAL, False),
        ("ANY", LOCAL, True),
        ("ANY", REMOTE, True),
        ("ANY LOCAL", LOCAL, True),
        ("ANY LOCAL", Place("fed", "federated"), True),
        ("ANY LOCAL", REMOTE, False),
        ("ALL-REMOTE", REMOTE, True),
        ("ANY REMOTE", LOCAL, False),
        ("far-cache", REMOTE, True),
        ("libs-cache", LOCAL, False),
        ("ANY DISTRIBUTION", Place("bundles", "releasebundles"), True),
        ("any local", LOCAL, False),
    ],
)
def test_a_target_means_a_repository_or_a_class_of_them(target: str, place: Place, allowed: bool) -> None:
    assert granted(target).allow(ANN, "READ", place, "a/b") is allowed


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("a/b", True), ("", True), ("c/d", False), ("secret/x", False), ("a", True)],
)
def test_patterns_narrow_a_target(path: str, allowed: bool) -> None:
    assert granted("libs", includes=("a/**", "secret/**")).allow(ANN, "READ", LOCAL, path) is allowed


def test_only_the_granted_words_count() -> None:
    grants = granted("libs", ("READ", "WRITE"))
    assert grants.allow(ANN, "WRITE", LOCAL, "a")
    assert not grants.allow(ANN, "DELETE", LOCAL, "a")
    assert not grants.allow(Principal("bob"), "READ", LOCAL, "a")


def test_a_grant_of_a_group_is_its_members() -> None:
    grants = Grants(groups={"team": (Grant("artifact", frozenset({"READ"}), (Target("libs"),)),)})
    assert grants.allow(ANN, "READ", LOCAL, "a")
    assert not grants.allow(Principal("ann"), "READ", LOCAL, "a")


def test_builds_have_permissions_of_their_own() -> None:
    assert granted("artifactory-build-info", kind="build", includes=("ci/**",)).allow(ANN, "READ", BUILDS, "ci/1")
    assert not granted("ANY", kind="artifact").allow(ANN, "READ", BUILDS, "ci/1")
    assert not granted("ANY", kind="build").allow(ANN, "READ", LOCAL, "a")


@pytest.mark.parametrize(
    ("environments", "place", "shared", "word", "allowed"),
    [
        ({"DEV"}, Place("p-libs", "local", project="p", environments=frozenset({"DEV"})), Sharing(), "READ", True),
        ({"PROD"}, Place("p-libs", "local", project="p", environments=frozenset({"DEV"})), Sharing(), "READ", False),
        (set(), Place("p-libs", "local", project="p", environments=frozenset({"DEV"})), Sharing(), "READ", True),
        ({"DEV"}, Place("q-libs", "local", project="q", environments=frozenset({"DEV"})), Sharing(), "READ", False),
        ({"DEV"}, Place("q-libs", "local", project="q"), Sharing(frozenset({"p"})), "WRITE", True),
        ({"DEV"}, Place("q-libs", "local", project="q"), Sharing(frozenset({"p"}), read_only=True), "WRITE", False),
        ({"DEV"}, Place("libs", "local"), Sharing(everybody=True), "READ", True),
        ({"DEV"}, Place("libs", "local"), Sharing(), "READ", False),
    ],
)
def test_roles_grant_in_their_project_and_environments(
    environments: set[str], place: Place, shared: Sharing, word: str, allowed: bool
) -> None:
    role = Role(frozenset(environments), frozenset({("artifact", "READ"), ("artifact", "WRITE")}))
    grants = Grants(
        roles={("p", "dev"): role},
        group_roles={"team": frozenset({("p", "dev")})},
        shares={place.key: shared} if shared != Sharing() else {},
    )
    assert grants.allow(ANN, word, place, "a") is allowed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("applied-permissions/admin", {"admin": True}),
        ("jfrt@01abc:admin", {"admin": True}),
        ('applied-permissions/groups:"a b",c', {"groups": frozenset({"a b", "c"})}),
        ("member-of-groups:*", {"all_groups": True}),
        ('applied-permissions/roles:p:"Dev",ops', {"roles": frozenset({("p", "Dev"), ("p", "ops")})}),
        ("system:metrics:r", {"system": frozenset({("metrics", "r")})}),
        ("api:* fly", {"unknown": ("fly",)}),
    ],
)
def test_scopes_are_read(text: str, expected: dict[str, object]) -> None:
    found = scopes.read(text)
    assert {name: getattr(found, name) for name in expected} == expected


def test_a_scope_of_items_grants_by_letters() -> None:
    items = scopes.read("artifact:libs:a/*:r,w artifact:other:*").items
    assert Grants().allow(Principal(items=items), "WRITE", LOCAL, "a/b")
    assert not Grants().allow(Principal(items=items), "READ", LOCAL, "c/d")
    assert not Grants().allow(Principal(items=items), "DELETE", LOCAL, "a/b")
    assert Grants().allow(Principal(items=items), "MANAGE", Place("other", "local"), "x")


def test_security_costs_three_small_statements_a_call(platform: Bare, monkeypatch: pytest.MonkeyPatch) -> None:
    platform.make("counted-local")
    platform.put("counted-local/a.txt")
    user = {"username": "counted", "email": "c@acme.example", "password": "Passw0rd!"}
    assert platform("POST", "/access/api/v2/users", json=user).status_code == 201
    for number in range(30):
        resources = {"artifact": {"actions": {"users": {"counted": ["READ"]}}, "targets": {"counted-local": {}}}}
        body = {"name": f"counted-{number}", "resources": resources}
        assert platform("POST", "/access/api/v2/permissions", json=body).status_code == 201
    made = platform("POST", "/access/api/v1/tokens", json={"username": "counted"}).json()["access_token"]
    bearer = {"Authorization": f"Bearer {made}"}
    seen: list[str] = []
    database = platform.platform.database
    original = database._read

    def counting(sql: str, args: tuple[object, ...]) -> object:
        if any(table in sql for table in ("security_marks", "users", "members", "groups", "tokens", "permissions")):
            seen.append(sql)
        return original(sql, args)

    monkeypatch.setattr(database, "_read", counting)
    for auth, headers, most in ((("counted", "Passw0rd!"), {}, 1), (None, bearer, 2)):
        for _ in range(3):
            seen.clear()
            assert platform.get("counted-local/a.txt", auth=auth, headers=headers).status_code == 200
        assert len(seen) <= most, seen
