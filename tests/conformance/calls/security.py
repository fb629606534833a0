"""What the cases of security have in common: calls that prepare, bodies of refusals."""

from typing import Any

from tests.conformance.case import ANY, Call
from tests.support.keys import GPG_FINGERPRINT, GPG_PASSPHRASE, GPG_PRIVATE, GPG_PUBLIC, certificate, rsa_pair

USERS, GROUPS, PERMISSIONS = (f"/access/api/v2/{name}" for name in ("users", "groups", "permissions"))
OLD = "/artifactory/api/security"
OLD_V2 = "/artifactory/api/v2/security/permissions"
TOKENS, OLD_TOKENS = "/access/api/v1/tokens", f"{OLD}/token"
REPOSITORY = "/artifactory/api/repositories/$id-l"
PROJECTS, ENVIRONMENTS = "/access/api/v1/projects", "/access/api/v1/environments"
LDAP, LDAP_GROUPS = "/access/api/v1/ldap/settings", "/access/api/v1/ldap/groups"
KEYPAIRS, TRUSTED = f"{OLD}/keypair", f"{OLD}/keys/trusted"
CERTIFICATES = "/artifactory/api/system/security/certificates"
VAULT = "/access/api/v1/vault/configs"
PASSWORD = "Passw0rd!"
AS_USER = f"$id:{PASSWORD}"
REALM = 'Basic realm="Artifactory Realm"'
RSA_PUBLIC, RSA_PRIVATE = rsa_pair()
PEM, FINGERPRINT = certificate()
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TEXT = {"Content-Type": "text/plain"}


def user(name: str = "$id", **fields: Any) -> Call:
    """Makes a user."""
    return Call("POST", USERS, {"username": name, "email": f"{name}@acme.example", "password": PASSWORD, **fields})


def group(name: str = "$id", **fields: Any) -> Call:
    """Makes a group."""
    return Call("POST", GROUPS, {"name": name, **fields})


def repository(key: str = "$id-l", **fields: Any) -> Call:
    """Makes a repository."""
    body = {"rclass": "local", "packageType": "generic", **fields}
    return Call("PUT", f"/artifactory/api/repositories/{key}", body)


def resource(
    who: str = "$id", words: tuple[str, ...] = ("READ",), target: str = "$id-l", kind: str = "users", **limits: Any
) -> dict[str, Any]:
    """One resource of a permission of Access."""
    patterns = {"include_patterns": ["**"], "exclude_patterns": [], **limits}
    return {"actions": {"users": {}, "groups": {}, kind: {who: list(words)}}, "targets": {target: patterns}}


def permission(*args: Any, **options: Any) -> Call:
    """Makes a permission."""
    return Call("POST", PERMISSIONS, {"name": "$id", "resources": {"artifact": resource(*args, **options)}})


def file(path: str = "a/b.txt", **options: Any) -> Call:
    """Deploys a file."""
    return Call("PUT", f"/artifactory/$id-l/{path}", "data", **options)


def token(caller: str = "admin", keep: str = "access_token", **fields: Any) -> Call:
    """Makes a token and keeps a value of it as `$token`, its id as `$token_id`."""
    return Call("POST", TOKENS, fields, caller, keep={"token": keep, "token_id": "token_id"})


def project(**fields: Any) -> Call:
    """Makes a project."""
    return Call("POST", PROJECTS, {"project_key": "$id", "display_name": "$id", **fields})


ARTIFACTORY_ERROR = {"errors": [{"status": 403, "message": ANY}]}
ACCESS_ERROR = {"errors": [{"code": ANY, "message": ANY}]}
NEEDS_LOGIN = {"errors": [{"status": 401, "message": "Authentication is required"}]}
BAD_LOGIN = {"errors": [{"status": 401, "message": "Bad credentials"}]}
STATUS = "/artifactory/api/system/status"
MAKE = (repository(), file(), user())
GRANTED = (repository(), file(), user(), permission("$id", ("READ",)))
V1 = {
    "includesPattern": "a/**",
    "excludesPattern": "b/**",
    "repositories": ["$id-l"],
    "principals": {"users": {"$id": ["r", "w", "n", "d", "m", "mxm", "x"]}, "groups": {}},
}
V2 = {
    "name": "$id",
    "repo": {
        "repositories": ["$id-l"],
        "include-patterns": ["a/**"],
        "exclude-patterns": ["b/**"],
        "actions": {"users": {"$id": ["read", "write", "managedXrayMeta"]}},
    },
    "build": {"repositories": ["artifactory-build-info"], "actions": {"users": {"$id": ["read"]}}},
}
MADE_V1 = (repository(), user(), Call("PUT", f"{OLD}/permissions/$id", V1))
MADE_V2 = (repository(), user(), Call("POST", f"{OLD_V2}/$id", V2))
RSA = {"pairName": "$id", "pairType": "RSA", "alias": "$id-a", "privateKey": RSA_PRIVATE, "publicKey": RSA_PUBLIC}
GPG = {
    "pairName": "$id",
    "pairType": "GPG",
    "alias": "$id-a",
    "privateKey": GPG_PRIVATE,
    "publicKey": GPG_PUBLIC,
    "passphrase": GPG_PASSPHRASE,
}
GPG_COLONS = ":".join(GPG_FINGERPRINT[place : place + 2] for place in range(0, 40, 2))
FREE_KEY = Call("GET", TRUSTED)
EXPIRATION = f"{OLD}/configuration/passwordExpirationPolicy"
LOCK = f"{OLD}/userLockPolicy"
VAULT_CONFIG = {
    "type": "HashicorpVault",
    "config": {
        "url": "https://vault.acme.example",
        "auth": {"type": "AppRole", "roleId": "role", "secretId": "secret"},
        "mounts": [{"path": "secret", "type": "KV2"}],
    },
}
SETTING = {
    "key": "$id",
    "ldap_url": "ldap://ldap.acme.example/dc=acme",
    "search": {"search_filter": "uid={0}", "manager_password": "s"},
}
MADE_LDAP = Call("POST", f"{LDAP}/", SETTING)
LDAP_GROUP = {"name": "$id", "enabled_ldap": "$id", "group_name_attribute": "cn", "strategy": "STATIC"}
MADE_GROUP = Call("POST", LDAP_GROUPS, LDAP_GROUP)
ATTACHED = Call("PUT", "/access/api/v1/projects/_/attach/repositories/$id-l/$id")
MEMBER = Call("PUT", f"{PROJECTS}/$id/users/$id", {"name": "$id", "roles": ["Developer"]})
IN_PROJECT = (*MAKE, project(), ATTACHED)
