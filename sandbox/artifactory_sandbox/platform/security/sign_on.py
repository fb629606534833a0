"""Signing on through others, in Access: Crowd and HTTP SSO are the descriptor's (12.6), SAML has names and a list of its own."""

from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform.web import Answer, Call, Refused, Route, empty, json_answer

CROWD, HTTP, SAML = "/access/api/v1/crowd", "/access/api/v1/httpsso", "/access/api/v1/saml"
_KEPT = "saml"
_SECTIONS: Mapping[str, tuple[str, Mapping[str, tuple[str, Any]]]] = {
    CROWD: (
        "crowdSettings",
        {
            "enable_integration": ("enableIntegration", False),
            "server_url": ("serverUrl", ""),
            "application_name": ("applicationName", ""),
            "password": ("password", ""),
            "session_validation_interval": ("sessionValidationInterval", 0),
            "use_default_proxy": ("useDefaultProxy", False),
            "auto_user_creation": ("noAutoUserCreation", True),
            "allow_user_to_access_profile": ("allowUserToAccessProfile", False),
            "direct_authentication": ("directAuthentication", False),
            "override_all_groups_upon_login": ("overrideAllGroupsUponLogin", False),
        },
    ),
    HTTP: (
        "httpSsoSettings",
        {
            "http_sso_proxied": ("httpSsoProxied", False),
            "auto_create_user": ("noAutoUserCreation", True),
            "allow_user_to_access_profile": ("allowUserToAccessProfile", False),
            "remote_user_request_variable": ("remoteUserRequestVariable", "REMOTE_USER"),
            "sync_ldap_groups": ("syncLdapGroups", False),
        },
    ),
}
_TURNED = "noAutoUserCreation"
"""The descriptor says the opposite of what Access says."""
_SAML: Mapping[str, Any] = {
    "enable_integration": False,
    "verify_audience_restriction": True,
    "login_url": "",
    "logout_url": "",
    "service_provider_name": "",
    "certificate": "",
    "auto_user_creation": True,
    "allow_user_to_access_profile": False,
    "use_encrypted_assertion": False,
    "auto_redirect": False,
    "sync_groups": False,
    "group_attribute": "",
    "email_attribute": "",
    "name_id_attribute": "",
}
_NEEDED = ("login_url", "logout_url", "service_provider_name", "certificate")


def settings(call: Call) -> Answer:
    """The settings of Crowd, or of the server in front; the password is never read back."""
    section, fields = _SECTIONS[call.path.rstrip("/")]
    entry = call.platform.configuration.value(f"security.{section}") or {}
    shown = {}
    for name, (field, default) in fields.items():
        value = entry.get(field)
        if name != "password":
            shown[name] = default if value is None else (not value if field == _TURNED else value)
    return json_answer(shown)


def put_settings(call: Call) -> Answer:
    """Changes them; what is absent stays."""
    section, fields = _SECTIONS[call.path.rstrip("/")]
    sent = _typed(call.json_object(), {name: default for name, (_, default) in fields.items()})
    entry = {fields[name][0]: not value if fields[name][0] == _TURNED else value for name, value in sent.items()}
    patch_security(call, {section: entry})
    return settings(call)


def patch_security(call: Call, changes: Mapping[str, Any]) -> None:
    """Changes the descriptor's security; refuses in the shape of the service that was called, not of the descriptor."""
    try:
        call.platform.configuration.patch({"security": changes})
    except Refused as refused:
        raise Refused(refused.status, refused.message) from None


def all_saml(call: Call) -> Answer:
    """All SAML settings."""
    return json_answer(list(_kept(call).values()))


def saml(call: Call) -> Answer:
    """One of them."""
    return json_answer(_found(call))


def add_saml(call: Call) -> Answer:
    """Adds one; a 409 when there is one of the name."""
    sent = call.json_object()
    name = sent.get("name")
    if not isinstance(name, str) or not name.strip():
        raise Refused(400, "name is required")
    if name in _kept(call):
        raise Refused(409, f"SAML settings '{name[:100]}' already exist")
    return json_answer(_store(call, name, sent, _SAML), 201)


def change_saml(call: Call) -> Answer:
    """Changes one; what is absent stays."""
    return json_answer(_store(call, call.args["name"], call.json_object(), _found(call)))


def remove_saml(call: Call) -> Answer:
    """Deletes one."""
    _found(call)
    with call.platform.database.transaction():
        left = {name: entry for name, entry in _kept(call).items() if name != call.args["name"]}
        call.platform.settings.set(_KEPT, left)
    return empty()


def _store(call: Call, name: str, sent: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    made = {**current, "name": name, **_typed(sent, _SAML)}
    if missing := [field for field in _NEEDED if not made[field]]:
        raise Refused(400, f"{missing[0]} is required")
    groups = sent.get("ldap_group_settings")
    if groups is not None:
        if not isinstance(groups, list) or not all(isinstance(one, str) for one in groups):
            raise Refused(400, "ldap_group_settings is a list of names")
        made["ldap_group_settings"] = groups
    elif current is not _SAML:
        made.pop("ldap_group_settings", None)  # the client leaves an empty list out
    with call.platform.database.transaction():
        call.platform.settings.set(_KEPT, {**_kept(call), name: made})
    return made


def _typed(sent: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for name, default in defaults.items():
        value = sent.get(name)
        if value is None:
            continue
        if type(value) is not type(default):
            raise Refused(400, f"{name} is of the wrong type")
        found[name] = value
    return found


def _kept(call: Call) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = call.platform.settings.get(_KEPT, {})
    return found


def _found(call: Call) -> dict[str, Any]:
    found = _kept(call).get(call.args["name"])
    if found is None:
        raise Refused(404, f"SAML settings '{call.args['name']}' not found")
    return found


ROUTES = (
    *(Route("GET", path, "12.6", settings) for path in _SECTIONS),
    *(Route("PUT", path, "12.6", put_settings) for path in _SECTIONS),
    Route("GET", SAML, "12.6", all_saml),
    Route("POST", SAML, "12.6", add_saml),
    Route("GET", f"{SAML}/{{name}}", "12.6", saml),
    Route("PUT", f"{SAML}/{{name}}", "12.6", change_saml),
    Route("DELETE", f"{SAML}/{{name}}", "12.6", remove_saml),
)
