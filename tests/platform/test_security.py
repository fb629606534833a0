"""Who may call, tokens, users, groups, permissions (reference 0.3, 4.5, 4.6)."""

from typing import Any

import pytest

from tests.platform.running import ADMIN, Bare

VERSION = "/artifactory/api/system/version"
TOKENS = "/access/api/v1/tokens"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def token(platform: Bare, **fields: Any) -> dict[str, Any]:
    answer = platform("POST", TOKENS, json=fields)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture(scope="module")
def dev(platform: Bare) -> tuple[str, str]:
    """A user who may read and write below `dev/` in `team-local`."""
    platform.make("team-local")
    user = {"username": "dev", "email": "dev@example.org", "password": "Passw0rd!"}
    made = platform("POST", "/access/api/v2/users", json=user)
    assert (made.status_code, made.json()["groups"]) == (201, ["readers"])
    limits = {"include_patterns": ["dev/**"], "exclude_patterns": ["dev/secret/**"]}
    resources = {
        "artifact": {
            "actions": {"users": {"dev": ["READ", "WRITE"]}, "groups": {}},
            "targets": {"team-local": limits},
        }
    }
    made = platform("POST", "/access/api/v2/permissions", json={"name": "devs", "resources": resources})
    assert made.status_code == 201
    return ("dev", "Passw0rd!")


def test_credentials_are_taken_in_every_form(platform: Bare) -> None:
    made = token(platform, scope="applied-permissions/admin", include_reference_token=True)
    access, reference = made["access_token"], made["reference_token"]
    for auth, headers in (
        (ADMIN, {}),
        (None, bearer(access)),
        (None, bearer(reference)),
        (None, {"X-JFrog-Art-Api": access}),
        (("admin", access), {}),
        (("", access), {}),
    ):
        assert platform("GET", VERSION, auth=auth, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("auth", "headers", "said"),
    [
        (None, {}, "Authentication is required"),
        (("admin", "wrong"), {}, "Bad credentials"),
        (("nobody", "password"), {}, "Bad credentials"),
        (None, bearer("a.b.c"), "Bad credentials"),
        (None, bearer("nonsense"), "Bad credentials"),
        (None, {"Authorization": "Basic %%%"}, "Bad credentials"),
        (None, {"X-JFrog-Art-Api": "nonsense"}, "Bad credentials"),
    ],
)
def test_wrong_credentials_are_a_401(platform: Bare, auth: Any, headers: dict[str, str], said: str) -> None:
    answer = platform("GET", VERSION, auth=auth, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (401, said)
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Artifactory Realm"'


def test_a_token_of_another_user_is_no_password_of_admin(platform: Bare) -> None:
    made = token(platform, username="someone")
    assert platform("GET", VERSION, auth=("admin", made["access_token"])).status_code == 401
    assert platform("GET", VERSION, auth=("someone", made["access_token"])).status_code == 200


def test_a_revoked_token_is_refused(platform: Bare) -> None:
    made = token(platform, scope="applied-permissions/admin")
    assert platform("GET", f"{TOKENS}/{made['token_id']}").json()["subject"].endswith("/users/admin")
    revoked = platform("DELETE", f"{TOKENS}/{made['token_id']}")
    assert (revoked.status_code, revoked.text) == (200, "Revoked")
    assert platform("GET", VERSION, auth=None, headers=bearer(made["access_token"])).status_code == 401
    assert platform("DELETE", f"{TOKENS}/{made['token_id']}").status_code == 404


def test_a_token_ends_when_the_clock_says_so(platform: Bare) -> None:
    made = token(platform, expires_in=20_000)
    headers = bearer(made["access_token"])
    assert platform("GET", VERSION, auth=None, headers=headers).status_code == 200
    platform.fault("clock", skew=20_001)
    assert platform("GET", VERSION, auth=None, headers=headers).status_code == 401
    platform.fault("heal")


def test_short_tokens_work_but_are_not_kept(platform: Bare) -> None:
    made = token(platform, expires_in=600)
    assert platform("GET", VERSION, auth=None, headers=bearer(made["access_token"])).status_code == 200
    assert platform("GET", f"{TOKENS}/{made['token_id']}").status_code == 404
    kept = token(platform, expires_in=600, force_revocable=True)
    assert platform("GET", f"{TOKENS}/{kept['token_id']}").status_code == 200


def test_a_refreshed_token_replaces_the_old_one(platform: Bare) -> None:
    made = token(platform, refreshable=True, expires_in=20_000)
    again = token(platform, grant_type="refresh_token", refresh_token=made["refresh_token"])
    assert platform("GET", VERSION, auth=None, headers=bearer(made["access_token"])).status_code == 401
    assert platform("GET", VERSION, auth=None, headers=bearer(again["access_token"])).status_code == 200


def test_a_user_makes_tokens_for_itself_only(platform: Bare, dev: tuple[str, str]) -> None:
    assert platform("POST", TOKENS, auth=dev, json={}).status_code == 200
    assert platform("POST", TOKENS, auth=dev, json={"username": "admin"}).status_code == 403
    assert platform("POST", TOKENS, auth=dev, json={"scope": "applied-permissions/admin"}).status_code == 403
    assert platform("POST", TOKENS, json={"scope": "nonsense"}).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/artifactory/team-local/dev/a.txt", 201),
        ("GET", "/artifactory/team-local/dev/a.txt", 200),
        ("DELETE", "/artifactory/team-local/dev/a.txt", 403),
        ("PUT", "/artifactory/team-local/dev/secret/a.txt", 403),
        ("PUT", "/artifactory/team-local/other/a.txt", 403),
        ("GET", "/artifactory/api/repositories/configurations", 403),
        ("DELETE", "/artifactory/api/repositories/mine", 403),
        ("GET", "/artifactory/api/system/configuration", 403),
        ("GET", "/access/api/v2/users", 403),
    ],
)
def test_permissions_decide(platform: Bare, dev: tuple[str, str], method: str, path: str, status: int) -> None:
    assert platform(method, path, auth=dev, data=b"x" if method == "PUT" else None).status_code == status


def test_a_user_sees_the_repositories_it_may_read(platform: Bare, dev: tuple[str, str]) -> None:
    platform.make("hidden-local")
    assert [row["key"] for row in platform.api("GET", "repositories", auth=dev).json()] == ["team-local"]
    assert platform.api("GET", "repositories/team-local", auth=dev).json().keys() == {
        "key", "rclass", "packageType", "description",
    }  # fmt: skip
    assert platform.api("GET", "repositories/hidden-local", auth=dev).status_code == 403


def test_anonymous_is_let_in_only_when_the_descriptor_says_so(platform: Bare) -> None:
    def switch(on: str) -> None:
        yaml = f"security: {{anonAccessEnabled: {on}}}"
        headers = {"Content-Type": "application/yaml"}
        assert platform.api("PATCH", "system/configuration", data=yaml, headers=headers).status_code == 200

    assert platform("GET", VERSION, auth=None).status_code == 401
    switch("true")
    assert platform("GET", VERSION, auth=None).status_code == 200
    assert platform.get("team-local/dev/a.txt", auth=None).status_code == 401
    switch("false")
    assert platform("GET", VERSION, auth=None).status_code == 401


def test_users_and_groups_answer_as_access_does(platform: Bare) -> None:
    users, groups = "/access/api/v2/users", "/access/api/v2/groups"
    ann = {"username": "ann", "email": "ann@example.org", "password": "Passw0rd!"}
    assert platform("POST", groups, json={"name": "builders", "admin_privileges": True}).status_code == 201
    assert platform("POST", groups, json={"name": "builders"}).status_code == 409
    assert platform("POST", users, json=ann).status_code == 201
    assert platform("POST", users, json=ann).status_code == 409
    weak = platform("POST", users, json={**ann, "username": "weak", "password": "short"})
    assert (weak.status_code, weak.json()["errors"][0]["code"]) == (400, "BAD_REQUEST")
    assert platform.api("GET", "system/status", auth=("ann", "Passw0rd!")).status_code == 403
    moved = platform("PATCH", f"{users}/ann/groups", json={"add": ["builders"], "remove": ["readers"]})
    assert moved.json() == {"groups": ["builders"]}
    assert platform.api("GET", "system/status", auth=("ann", "Passw0rd!")).status_code == 200
    assert platform("PATCH", f"{users}/ann", json={"email": "new@example.org"}).json()["email"] == "new@example.org"
    assert platform("DELETE", f"{users}/ann").status_code == 204
    assert platform("GET", f"{users}/ann").status_code == 404
    assert platform("DELETE", f"{groups}/builders").status_code == 204


def test_the_root_certificate_is_one_and_stays(platform: Bare) -> None:
    pem = platform("GET", "/access/api/v1/cert/root").text
    assert pem.startswith("-----BEGIN CERTIFICATE-----")
    assert platform("GET", "/access/api/v1/cert/root").text == pem
