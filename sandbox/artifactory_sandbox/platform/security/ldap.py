"""LDAP in Access (12.5.7): the settings of the configuration descriptor, by calls and names of their own."""

from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform.security.sign_on import patch_security
from artifactory_sandbox.platform.web import Answer, Call, Refused, Route, empty, json_answer

SETTINGS, GROUPS = "/access/api/v1/ldap/settings", "/access/api/v1/ldap/groups"
_SETTING = {
    "enabled": "enabled",
    "ldap_url": "ldapUrl",
    "user_dn_pattern": "userDnPattern",
    "auto_create_user": "autoCreateUser",
    "email_attribute": "emailAttribute",
    "ldap_poisoning_protection": "ldapPoisoningProtection",
    "allow_user_to_access_profile": "allowUserToAccessProfile",
    "paging_support_enabled": "pagingSupportEnabled",
}
_SEARCH = {
    "search_filter": "searchFilter",
    "search_base": "searchBase",
    "search_sub_tree": "searchSubTree",
    "manager_dn": "managerDn",
    "manager_password": "managerPassword",
}
_GROUP = {
    "enabled_ldap": "enabledLdap",
    "group_base_dn": "groupBaseDn",
    "group_name_attribute": "groupNameAttribute",
    "group_member_attribute": "groupMemberAttribute",
    "sub_tree": "subTree",
    "force_attribute_search": "forceAttributeSearch",
    "filter": "filter",
    "description_attribute": "descriptionAttribute",
    "strategy": "strategy",
}
_DEFAULTS: dict[str, Any] = {
    **dict.fromkeys(
        ("userDnPattern", "searchFilter", "searchBase", "managerDn", "groupBaseDn", "groupNameAttribute"), ""
    ),
    **dict.fromkeys(("groupMemberAttribute", "filter", "descriptionAttribute", "enabledLdap", "ldapUrl"), ""),
    **dict.fromkeys(("enabled", "autoCreateUser", "ldapPoisoningProtection", "pagingSupportEnabled", "subTree"), True),
    **dict.fromkeys(("searchSubTree",), True),
    **dict.fromkeys(("allowUserToAccessProfile", "forceAttributeSearch"), False),
    "emailAttribute": "mail",
    "strategy": "STATIC",
}
_STRATEGIES = ("STATIC", "DYNAMIC", "HIERARCHICAL")
_OPERATIONS = ("UPDATE", "IMPORT", "UPDATE_AND_IMPORT")


def settings(call: Call) -> Answer:
    """All LDAP settings."""
    return json_answer([_setting(key, entry) for key, entry in _section(call, "ldapSettings").items()])


def setting(call: Call) -> Answer:
    """One LDAP setting; its password is never read back."""
    key = call.args["key"]
    return json_answer(_setting(key, _entry(call, "ldapSettings", key)))


def add_setting(call: Call) -> Answer:
    """Creates an LDAP setting."""
    return _put_setting(call, new=True)


def change_setting(call: Call) -> Answer:
    """Changes the LDAP setting that the body names."""
    return _put_setting(call, new=False)


def remove_setting(call: Call) -> Answer:
    """Deletes an LDAP setting; not while a group setting uses it."""
    key = call.args["key"]
    _entry(call, "ldapSettings", key)
    for name, group in _section(call, "ldapGroupSettings").items():
        if group.get("enabledLdap") == key:
            raise Refused(400, f"LDAP setting '{key}' is used by the group setting '{name}'")
    _patch(call, "ldapSettings", key, None)
    return empty()


def groups(call: Call) -> Answer:
    """All LDAP group settings."""
    return json_answer([_group(name, entry) for name, entry in _section(call, "ldapGroupSettings").items()])


def group(call: Call) -> Answer:
    """One LDAP group setting."""
    name = call.args["name"]
    return json_answer(_group(name, _entry(call, "ldapGroupSettings", name)))


def add_group(call: Call) -> Answer:
    """Creates an LDAP group setting."""
    return _put_group(call, new=True)


def change_group(call: Call) -> Answer:
    """Changes the LDAP group setting that the body names."""
    return _put_group(call, new=False)


def remove_group(call: Call) -> Answer:
    """Deletes an LDAP group setting."""
    _entry(call, "ldapGroupSettings", call.args["name"])
    _patch(call, "ldapGroupSettings", call.args["name"], None)
    return empty()


def refresh(call: Call) -> Answer:
    """Refreshes imported groups: there is no directory to ask here, so nothing changes."""
    _entry(call, "ldapGroupSettings", call.args["name"])
    operation = call.first("operation", "UPDATE")
    if operation not in _OPERATIONS:
        raise Refused(400, f"Unknown operation: {operation[:50]}")
    return json_answer({"operation": operation, "imported": 0, "updated": 0})


def _put_setting(call: Call, new: bool) -> Answer:
    sent = call.json_object()
    key = _named(sent, "key")
    current = _current(call, "ldapSettings", key, new)
    search = sent.get("search")
    if search is not None and not isinstance(search, dict):
        raise Refused(400, "search is not an object")
    if not sent.get("ldap_url") and not current.get("ldapUrl"):
        raise Refused(400, "ldap_url is required")
    entry = {**current, **_read(sent, _SETTING)}
    entry["emailAttribute"] = entry.get("emailAttribute") or "mail"
    if search is not None:
        entry["search"] = {**(current.get("search") or {}), **_read(search, _SEARCH)}
    _patch(call, "ldapSettings", key, entry)
    return json_answer(_setting(key, _entry(call, "ldapSettings", key)), 201 if new else 200)


def _put_group(call: Call, new: bool) -> Answer:
    sent = call.json_object()
    name = _named(sent, "name")
    entry = {**_current(call, "ldapGroupSettings", name, new), **_read(sent, _GROUP)}
    if entry.get("enabledLdap") not in _section(call, "ldapSettings"):
        raise Refused(400, f"LDAP setting '{str(entry.get('enabledLdap') or '')[:100]}' does not exist")
    strategy = entry.get("strategy") or "STATIC"
    if strategy not in _STRATEGIES:
        raise Refused(400, f"Unknown strategy: {str(strategy)[:50]}")
    if strategy == "HIERARCHICAL" and sent.get("sub_tree") is True:
        raise Refused(400, "sub_tree cannot be true with the strategy HIERARCHICAL")
    if strategy == "HIERARCHICAL":
        entry["subTree"] = False
    _patch(call, "ldapGroupSettings", name, entry)
    return json_answer(_group(name, _entry(call, "ldapGroupSettings", name)), 201 if new else 200)


def _read(sent: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for new, old in names.items():
        value = sent.get(new)
        if value is None:
            continue
        wanted = bool if isinstance(_DEFAULTS.get(old), bool) else str
        if not isinstance(value, wanted):
            raise Refused(400, f"{new} is not {'true or false' if wanted is bool else 'a text'}")
        found[old] = value
    return found


def _setting(key: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"key": key, **_shown(entry, _SETTING)}
    search = entry.get("search")
    if isinstance(search, Mapping):
        shown["search"] = {name: value for name, value in _shown(search, _SEARCH).items() if name != "manager_password"}
    return shown


def _group(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, **_shown(entry, _GROUP)}


def _shown(entry: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {new: entry[old] if entry.get(old) is not None else _DEFAULTS.get(old) for new, old in names.items()}


def _named(sent: Mapping[str, Any], field: str) -> str:
    name = sent.get(field)
    if not isinstance(name, str) or not name.strip():
        raise Refused(400, f"{field} is required")
    return name


def _section(call: Call, name: str) -> Mapping[str, Any]:
    security = call.platform.configuration.tree().get("security") or {}
    found = security.get(name)
    return found if isinstance(found, dict) else {}


def _entry(call: Call, section: str, key: str) -> Mapping[str, Any]:
    found = _section(call, section).get(key)
    if found is None:
        raise Refused(404, f"LDAP setting '{key}' not found")
    return dict(found)


def _current(call: Call, section: str, key: str, new: bool) -> Mapping[str, Any]:
    found = _section(call, section).get(key)
    if new and found is not None:
        raise Refused(409, f"LDAP setting '{key}' already exists")
    if not new and found is None:
        raise Refused(404, f"LDAP setting '{key}' not found")
    return found or {}


def _patch(call: Call, section: str, key: str, entry: Any) -> None:
    patch_security(call, {section: {key: entry}})


ROUTES = (
    Route("GET", SETTINGS, "12.5.7", settings),
    Route("POST", SETTINGS, "12.5.7", add_setting),
    Route("PUT", SETTINGS, "12.5.7", change_setting),
    Route("GET", f"{SETTINGS}/{{key}}", "12.5.7", setting),
    Route("DELETE", f"{SETTINGS}/{{key}}", "12.5.7", remove_setting),
    Route("GET", GROUPS, "12.5.7", groups),
    Route("POST", GROUPS, "12.5.7", add_group),
    Route("PUT", GROUPS, "12.5.7", change_group),
    Route("GET", f"{GROUPS}/{{name}}", "12.5.7", group),
    Route("DELETE", f"{GROUPS}/{{name}}", "12.5.7", remove_group),
    Route("POST", f"{GROUPS}/{{name}}/refresh", "12.5.7", refresh),
)
