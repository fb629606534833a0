"""Crowd, HTTP SSO, SAML, SCIM and the server in front by their own calls, as the vendor's platform provider makes them (12.6, 4.6)."""

from typing import Any

from tests.conformance.case import ABSENT, Call, Case, exactly, includes

CROWD, HTTP, SAML = "/access/api/v1/crowd", "/access/api/v1/httpsso", "/access/api/v1/saml"
USERS, GROUPS = "/access/api/v1/scim/v2/Users", "/access/api/v1/scim/v2/Groups"
SERVER = "/artifactory/api/system/configuration/webServer"
CONFIGURATION = "/artifactory/api/system/configuration"
BY_CROWD = {"enable_integration": True, "server_url": "http://crowd.example", "application_name": "a", "password": "p",
            "session_validation_interval": 5, "auto_user_creation": False, "direct_authentication": True}  # fmt: skip
BY_SERVER = {"http_sso_proxied": True, "auto_create_user": True, "allow_user_to_access_profile": True,
             "remote_user_request_variable": "X_USER", "sync_ldap_groups": True}  # fmt: skip
BY_SAML = {"name": "$id", "enable_integration": True, "verify_audience_restriction": True, "certificate": "MIIC",
           "login_url": "http://in.example", "logout_url": "http://out.example", "service_provider_name": "sp",
           "auto_user_creation": False, "allow_user_to_access_profile": True, "use_encrypted_assertion": False,
           "auto_redirect": True, "sync_groups": False, "group_attribute": "g", "email_attribute": "",
           "name_id_attribute": ""}  # fmt: skip
NGINX = {"key": "nginx", "webServerType": "NGINX", "artifactoryAppContext": "artifactory", "serverName": "a.example",
         "publicAppContext": "artifactory", "artifactoryServerName": "b", "dockerReverseProxyMethod": "SUBDOMAIN",
         "useHttp": True, "useHttps": True, "httpPort": 81, "httpsPort": 444, "sslKey": "/k", "sslCertificate": "/c"}  # fmt: skip
APACHE = {**{name: value for name, value in NGINX.items() if not name.startswith("ssl")}, "key": "apache",
          "webServerType": "APACHE"}  # fmt: skip
MAKE_SAML = Call("POST", SAML, BY_SAML)
ERROR = {"errors": [{"code": "BAD_REQUEST"}]}


def user(name: str = "$id", **fields: Any) -> Call:
    """Makes a user by SCIM."""
    mail = f"{name}@acme.example"
    return Call(
        "POST", USERS, {"userName": name, "active": True, "emails": [{"value": mail, "primary": True}], **fields}
    )


def group(*members: str, method: str = "POST", path: str = GROUPS) -> Call:
    """Makes or changes a group by SCIM."""
    sent = {"id": "$id", "displayName": "$id", "members": [{"value": one, "display": one} for one in members]}
    return Call(method, path, sent)


def operations(path: str, *each: dict[str, Any]) -> Call:
    """A PATCH of SCIM."""
    return Call("PATCH", path, {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": list(each)})


def holds(*members: str) -> dict[str, Any]:
    """A group with these members."""
    return {"id": "$id", "displayName": "$id", "members": [{"value": one, "display": one} for one in members],
            "meta": exactly({"resourceType": "Group"})}  # fmt: skip


SCIM_ERROR = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"]}

CASES = (
    Case("12.6", "settings of Crowd come back, the password does not", Call("GET", CROWD), 200,
         {**BY_CROWD, "password": ABSENT}, before=(Call("PUT", CROWD, BY_CROWD),)),
    Case("12.6", "the descriptor says the same of Crowd", Call("GET", CONFIGURATION), 200,
         includes("<applicationName>a</applicationName>", "<noAutoUserCreation>true</noAutoUserCreation>"),
         before=(Call("PUT", CROWD, BY_CROWD),)),
    Case("12.6", "Crowd at no address", Call("PUT", CROWD, {"server_url": "nowhere"}), 400, ERROR),
    Case("12.6", "Crowd for nobody", Call("GET", CROWD, caller="somebody"), 403),
    Case("12.6", "settings of HTTP SSO come back", Call("GET", HTTP), 200, exactly(BY_SERVER),
         before=(Call("PUT", HTTP, BY_SERVER),)),
    Case("12.6", "a flag that is none", Call("PUT", HTTP, {"http_sso_proxied": "yes"}), 400, ERROR),
    Case("12.6", "SAML settings are created", MAKE_SAML, 201, exactly(BY_SAML)),
    Case("12.6", "and come back", Call("GET", f"{SAML}/$id"), 200, exactly(BY_SAML), before=(MAKE_SAML,)),
    Case("12.6", "in the list too", Call("GET", SAML), 200, includes({"name": "$id"}), before=(MAKE_SAML,)),
    Case("12.6", "SAML settings that are there", MAKE_SAML, 409, before=(MAKE_SAML,)),
    Case("12.6", "SAML settings without an address", Call("POST", SAML, {"name": "$id"}), 400, ERROR),
    Case("12.6", "SAML settings change", Call("GET", f"{SAML}/$id"), 200,
         {"enable_integration": False, "ldap_group_settings": ["g"], "login_url": "http://in.example"},
         before=(MAKE_SAML, Call("PUT", f"{SAML}/$id", {"enable_integration": False, "ldap_group_settings": ["g"]}))),
    Case("12.6", "SAML settings go", Call("GET", f"{SAML}/$id"), 404, before=(MAKE_SAML, Call("DELETE", f"{SAML}/$id"))),
    Case("12.6", "the server in front is accepted", Call("POST", SERVER, NGINX), 201),
    Case("12.6", "and comes back", Call("GET", SERVER), 200, NGINX, before=(Call("POST", SERVER, NGINX),)),
    Case("12.6", "another takes its place", Call("GET", SERVER), 200, {**APACHE, "sslKey": ""},
         before=(Call("POST", SERVER, NGINX), Call("POST", SERVER, APACHE))),
    Case("12.6", "one that nobody knows", Call("POST", SERVER, {**NGINX, "webServerType": "IIS"}), 400,
         {"errors": [{"status": 400}]}),
    Case("12.5.7", "LDAP at no address is refused as Access refuses",
         Call("POST", "/access/api/v1/ldap/settings", {"key": "$id", "ldap_url": ""}), 400, ERROR),
    Case("4.6", "a user by SCIM", user(), 201,
         {"id": "$id", "userName": "$id", "active": True, "emails": [{"value": "$id@acme.example", "primary": True}],
          "groups": includes({"value": "readers"}), "meta": exactly({"resourceType": "User"})}),
    Case("4.6", "is one of Access", Call("GET", "/access/api/v2/users/$id"), 200, {"status": "enabled"}, before=(user(),)),
    Case("4.6", "a user that is not active is disabled", Call("GET", "/access/api/v2/users/$id"), 200,
         {"status": "disabled"}, before=(user(), Call("PUT", f"{USERS}/$id", {"userName": "$id", "active": False}))),
    Case("4.6", "a user of SCIM that is there", user(), 409, SCIM_ERROR, before=(user(),)),
    Case("4.6", "no user of SCIM", Call("GET", f"{USERS}/$id"), 404, {**SCIM_ERROR, "status": 404}),
    Case("4.6", "a user by its name", Call("GET", f'{USERS}?filter=userName%20eq%20"$id"'), 200,
         {"totalResults": 1, "Resources": [{"id": "$id"}]}, before=(user(),)),
    Case("4.6", "a filter that is none", Call("GET", f"{USERS}?filter=x"), 400, SCIM_ERROR),
    Case("4.6", "an operation changes a user", operations(f"{USERS}/$id", {"op": "replace", "value": {"active": False}}),
         200, {"active": False}, before=(user(),)),
    Case("4.6", "operations that are none", Call("PATCH", f"{USERS}/$id", {"Operations": 5}), 400, SCIM_ERROR,
         before=(user(),)),
    Case("4.6", "a user goes", Call("DELETE", f"{USERS}/$id"), 204, before=(user(),)),
    Case("4.6", "a group by SCIM", group("$id"), 201, holds("$id"), before=(user(),)),
    Case("4.6", "its members are those of the last word", group("$id-b", method="PUT", path=f"{GROUPS}/$id"), 200,
         holds("$id-b"), before=(user(), user("$id-b"), group("$id"))),
    Case("4.6", "members by operations",
         operations(f"{GROUPS}/$id", {"op": "add", "path": "members", "value": [{"value": "$id-b"}]},
                    {"op": "remove", "path": 'members[value eq "$id"]'}), 200, holds("$id-b"),
         before=(user(), user("$id-b"), group("$id"))),
    Case("4.6", "a group of nobody known", group("$id-none"), 404, SCIM_ERROR),
    Case("4.6", "a group goes", Call("DELETE", f"{GROUPS}/$id"), 204, before=(user(), group("$id"))),
    Case("4.6", "SCIM for nobody", Call("GET", USERS, caller="somebody"), 403),
)  # fmt: skip
