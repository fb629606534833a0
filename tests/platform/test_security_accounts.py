"""What belongs to accounts: locks, ages of passwords, hiding, anonymous, projects, logins, tokens (reference 12.5)."""

from pathlib import Path
from typing import Any

from tests.platform.running import Bare, running

VERSION = "/artifactory/api/system/version"
TOKENS = "/access/api/v1/tokens"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def token(platform: Bare, **fields: Any) -> dict[str, Any]:
    answer = platform("POST", TOKENS, json=fields)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def make_user(platform: Bare, name: str) -> tuple[str, str]:
    body = {"username": name, "email": f"{name}@acme.example", "password": "Passw0rd!"}
    assert platform("POST", "/access/api/v2/users", json=body).status_code == 201
    return (name, "Passw0rd!")


def descriptor(platform: Bare, yaml: str) -> None:
    headers = {"Content-Type": "application/yaml"}
    assert platform.api("PATCH", "system/configuration", data=yaml, headers=headers).status_code == 200


def test_a_user_is_locked_after_wrong_passwords_until_unlocked(platform: Bare) -> None:
    lucy = make_user(platform, "lucy")
    assert platform.api("PUT", "security/userLockPolicy", json={"enabled": True, "loginAttempts": 3}).status_code == 200
    for _ in range(3):
        assert platform("GET", VERSION, auth=("lucy", "wrong")).status_code == 401
    refused = platform("GET", VERSION, auth=lucy)
    assert (refused.status_code, "locked" in refused.json()["errors"][0]["message"]) == (401, True)
    assert platform.api("GET", "security/lockedUsers").json() == ["lucy"]
    assert platform("GET", "/access/api/v2/users/lucy").json()["status"] == "locked"
    assert platform.api("POST", "security/unlockUsers/lucy").status_code == 200
    assert platform("GET", VERSION, auth=lucy).status_code == 200
    assert (
        platform.api("PUT", "security/userLockPolicy", json={"enabled": False, "loginAttempts": 0}).status_code == 200
    )
    for _ in range(6):
        assert platform("GET", VERSION, auth=("lucy", "wrong")).status_code == 401
    assert platform("GET", VERSION, auth=lucy).status_code == 200


def test_right_passwords_in_between_start_the_count_anew(platform: Bare) -> None:
    leo = make_user(platform, "leo")
    platform.api("PUT", "security/userLockPolicy", json={"enabled": True, "loginAttempts": 2})
    for _ in range(4):
        assert platform("GET", VERSION, auth=("leo", "wrong")).status_code == 401
        assert platform("GET", VERSION, auth=leo).status_code == 200
    platform.api("PUT", "security/userLockPolicy", json={"enabled": False, "loginAttempts": 0})


def test_passwords_grow_old_when_the_policy_says_so(platform: Bare) -> None:
    olga, policy = make_user(platform, "olga"), "security/configuration/passwordExpirationPolicy"
    assert platform.api("PUT", policy, json={"enabled": True, "passwordMaxAge": 10}).status_code == 200
    token_of_olga = bearer(platform("POST", TOKENS, auth=olga, json={}).json()["access_token"])
    admin = bearer(token(platform, scope="applied-permissions/admin")["access_token"])
    platform.fault("clock", skew=11 * 86_400)
    refused = platform("GET", VERSION, auth=olga)
    assert (refused.status_code, "expired" in refused.json()["errors"][0]["message"]) == (401, True)
    assert platform("GET", VERSION, auth=None, headers=token_of_olga).status_code == 200
    change = {"userName": "olga", "oldPassword": olga[1], "newPassword1": "N3wPassword", "newPassword2": "N3wPassword"}
    path = "security/users/authorization/changePassword"
    assert platform.api("POST", path, auth=("olga", "wrong"), json=change).status_code == 401
    assert platform.api("POST", path, auth=olga, json={**change, "oldPassword": "other"}).status_code == 400
    assert platform.api("POST", path, auth=olga, json=change).status_code == 200
    assert platform("GET", VERSION, auth=("olga", "N3wPassword")).status_code == 200
    off = {"enabled": False, "passwordMaxAge": 10}
    assert platform.api("PUT", policy, auth=None, headers=admin, json=off).status_code == 200
    platform.fault("heal")


def test_what_may_not_be_read_can_be_hidden(platform: Bare) -> None:
    platform.make("secret-local")
    platform.put("secret-local/a.txt")
    nina = make_user(platform, "nina")
    assert platform.get("secret-local/a.txt", auth=nina).status_code == 403
    descriptor(platform, "security: {hideUnauthorizedResources: true}")
    assert platform.get("secret-local/a.txt", auth=nina).status_code == 404
    assert platform.put("secret-local/a.txt", auth=nina).status_code == 403
    descriptor(platform, "security: {hideUnauthorizedResources: false}")
    assert platform.get("secret-local/a.txt", auth=nina).status_code == 403


def test_anonymous_reads_what_it_is_granted_and_only_while_it_is_let_in(platform: Bare) -> None:
    platform.make("open-local")
    platform.put("open-local/a.txt", b"open")
    resources = {"artifact": {"actions": {"users": {"anonymous": ["READ"]}}, "targets": {"open-local": {}}}}
    assert (
        platform("POST", "/access/api/v2/permissions", json={"name": "open", "resources": resources}).status_code == 201
    )
    assert platform.get("open-local/a.txt", auth=None).status_code == 401
    descriptor(platform, "security: {anonAccessEnabled: true}")
    assert platform.get("open-local/a.txt", auth=None).content == b"open"
    assert platform.put("open-local/b.txt", auth=None).status_code == 401
    assert [row["key"] for row in platform.api("GET", "repositories", auth=None).json()] == ["open-local"]
    descriptor(platform, "security: {anonAccessEnabled: false}")
    assert platform.get("open-local/a.txt", auth=None).status_code == 401


def test_who_may_manage_a_repository_may_set_its_replications(platform: Bare) -> None:
    platform.make("managed-local")
    mark = make_user(platform, "mark")
    path = "replications/managed-local"
    assert platform.api("GET", path, auth=mark).status_code == 403
    assert platform.api("GET", path, auth=None).status_code == 401
    resources = {"artifact": {"actions": {"users": {"mark": ["MANAGE"]}}, "targets": {"managed-local": {}}}}
    assert (
        platform("POST", "/access/api/v2/permissions", json={"name": "marks", "resources": resources}).status_code
        == 201
    )
    assert platform.api("GET", path, auth=mark).status_code == 404
    assert platform.api("GET", "replications", auth=mark).status_code == 403


def test_a_deleted_user_leaves_nothing(platform: Bare) -> None:
    dora = make_user(platform, "dora")
    platform.make("dora-local")
    resources = {"artifact": {"actions": {"users": {"dora": ["READ"]}}, "targets": {"dora-local": {}}}}
    assert (
        platform("POST", "/access/api/v2/permissions", json={"name": "doras", "resources": resources}).status_code
        == 201
    )
    made = platform("POST", TOKENS, auth=dora, json={}).json()
    assert platform("DELETE", "/access/api/v2/users/dora").status_code == 204
    assert platform("GET", VERSION, auth=dora).status_code == 401
    assert platform("GET", VERSION, auth=None, headers=bearer(made["access_token"])).status_code == 401
    shown = platform("GET", "/access/api/v2/permissions/doras/artifact").json()
    assert "dora" not in str(shown.get("actions", {}))


def test_a_deleted_repository_is_no_target_any_more(platform: Bare) -> None:
    platform.make("gone-local")
    resources = {"artifact": {"actions": {"users": {}}, "targets": {"gone-local": {}, "ANY REMOTE": {}}}}
    assert (
        platform("POST", "/access/api/v2/permissions", json={"name": "gone", "resources": resources}).status_code == 201
    )
    assert platform.api("DELETE", "repositories/gone-local").status_code == 200
    assert list(platform("GET", "/access/api/v2/permissions/gone/artifact").json()["targets"]) == ["ANY REMOTE"]


def test_a_project_takes_no_more_than_its_quota(platform: Bare) -> None:
    projects = "/access/api/v1/projects"
    body = {"project_key": "small", "display_name": "small", "storage_quota_bytes": 100}
    assert platform("POST", projects, json=body).status_code == 201
    platform.make("small-local", projectKey="small")
    assert platform.put("small-local/a.bin", b"x" * 60).status_code == 201
    refused = platform.put("small-local/b.bin", b"y" * 60)
    assert (refused.status_code, "quota" in refused.text) == (413, True)
    assert platform.get("small-local/b.bin").status_code == 404
    assert platform.put("small-local/a.bin", b"z" * 90).status_code == 201
    assert platform("PUT", f"{projects}/small", json={"soft_limit": True}).status_code == 200
    assert platform.put("small-local/b.bin", b"y" * 60).status_code == 201


def test_an_administrator_of_a_project_manages_its_members(platform: Bare) -> None:
    projects = "/access/api/v1/projects"
    peter, quinn = make_user(platform, "peter"), make_user(platform, "quinn")
    privileges = {"manage_members": True, "manage_resources": False, "index_resources": False}
    body = {"project_key": "team-a", "display_name": "Team A", "admin_privileges": privileges}
    assert platform("POST", projects, json=body).status_code == 201
    members = f"{projects}/team-a/users"
    assert platform("GET", members, auth=peter).status_code == 403
    assert platform("PUT", f"{members}/peter", json={"roles": ["Project Admin"]}).status_code == 200
    assert platform("PUT", f"{members}/quinn", auth=peter, json={"roles": ["Viewer"]}).status_code == 200
    assert platform("GET", members, auth=quinn).status_code == 403
    assert [row["project_key"] for row in platform("GET", projects, auth=quinn).json()] == ["team-a"]
    environments = f"{projects}/team-a/environments"
    assert platform("POST", environments, auth=peter, json={"name": "team-a-QA"}).status_code == 403
    assert platform("POST", environments, json={"name": "team-a-QA"}).status_code == 201
    assert platform("POST", environments, json={"name": "QA"}).status_code == 400
    platform.make("team-a-libs", projectKey="team-a", environments=["team-a-QA"])
    platform("POST", f"{environments}/team-a-QA/rename", json={"new_name": "team-a-TEST"})
    assert platform.api("GET", "repositories/team-a-libs").json()["environments"] == ["team-a-TEST"]


def test_a_browser_login_gives_its_token_once(platform: Bare) -> None:
    login, session = "/access/api/v2/authentication/jfrog_client_login", "3f2b0f4e-6a4f-4f0e-9b51-3c5d8a7e1f00"
    assert platform("POST", f"{login}/request", auth=None, json={"session": "no uuid"}).status_code == 400
    assert platform("POST", f"{login}/request", auth=None, json={"session": session}).status_code == 200
    assert platform("GET", f"{login}/token/{session}", auth=None).status_code == 400
    assert platform("PUT", f"{login}/confirm/{session}", auth=None).status_code == 401
    assert platform("PUT", f"{login}/confirm/{session}").status_code == 204
    made = platform("GET", f"{login}/token/{session}", auth=None)
    assert platform("GET", VERSION, auth=None, headers=bearer(made.json()["access_token"])).status_code == 200
    assert platform("GET", f"{login}/token/{session}", auth=None).status_code == 400


def test_security_survives_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as (first,):
        first.make("kept-local")
        first.put("kept-local/a.txt", b"kept")
        kim = make_user(first, "kim")
        resources = {"artifact": {"actions": {"users": {"kim": ["READ"]}}, "targets": {"kept-local": {}}}}
        first("POST", "/access/api/v2/permissions", json={"name": "kims", "resources": resources})
        made = token(first, username="kim", include_reference_token=True)
    with running(tmp_path) as (again,):
        for auth, headers in ((kim, {}), (None, bearer(made["access_token"])), (None, bearer(made["reference_token"]))):
            assert again.get("kept-local/a.txt", auth=auth, headers=headers).content == b"kept"


def test_a_token_never_gives_a_user_more_than_it_has(platform: Bare) -> None:
    platform.make("narrow-local")
    tess = make_user(platform, "tess")
    limits = {"include_patterns": ["a/**"], "exclude_patterns": []}
    resources = {"artifact": {"actions": {"users": {"tess": ["READ"]}}, "targets": {"narrow-local": limits}}}
    made = platform("POST", "/access/api/v2/permissions", json={"name": "narrow", "resources": resources})
    assert made.status_code == 201
    for scope, status in (
        ("artifact:narrow-local:a/**:r", 200),
        ("artifact:narrow-local:r", 403),
        ("artifact:narrow-local:a/**:w", 403),
        ("artifact:*:r", 403),
        ("applied-permissions/groups:readers", 200),
        ("applied-permissions/groups:others", 403),
        ("applied-permissions/roles:p:Developer", 403),
        ("system:metrics:r", 403),
    ):
        assert platform("POST", TOKENS, auth=tess, json={"scope": scope}).status_code == status, scope
    narrow = platform("POST", TOKENS, auth=tess, json={"scope": "artifact:narrow-local:a/**:r"}).json()["access_token"]
    for method, path, body in (
        ("POST", TOKENS, {}),
        ("POST", "/artifactory/api/security/apiKey", {}),
        ("GET", "/artifactory/api/security/apiKey", None),
        ("GET", "/artifactory/api/security/encryptedPassword", None),
        ("PUT", "/access/api/v2/users/tess/password", {"password": "N3wPassword"}),
    ):
        assert platform(method, path, auth=None, headers=bearer(narrow), json=body).status_code == 403, path


def test_the_older_token_call_refuses_as_oauth_does(platform: Bare) -> None:
    for path in ("/artifactory/api/security/token", "/artifactory/access/api/v1/tokens"):
        refused = platform("POST", path, data={"username": "admin", "scope": "nonsense"})
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
        assert refused.json()["errors"][0]["message"] == refused.json()["error_description"]
        assert platform("POST", path, data={"username": "admin", "expires_in": 600}).status_code == 200
