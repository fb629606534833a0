"""The configuration descriptor over HTTP (1.3, 12.6)."""

import hashlib
import xml.etree.ElementTree as ET  # only to write
from typing import Any

import yaml

from artifactory_sandbox.platform.system import replication_dump
from artifactory_sandbox.platform.system.descriptor_parts import Group, Keyed
from artifactory_sandbox.platform.system.descriptor_table import TABLE
from artifactory_sandbox.platform.system.descriptor_xml import from_xml, to_xml
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer, text

PATH = "/artifactory/api/system/configuration"
_YAML_TYPES = ("yaml", "text/plain", "json", "octet-stream", "x-www-form-urlencoded")


def get(call: Call) -> Answer:
    """General Configuration, as XML whatever is accepted (12.1.1)."""
    configuration = call.platform.configuration
    tokens = call.platform.trust.described()
    extra = replication_dump.elements(call.platform)
    if tokens:
        extra["authentication"] = _authentication(tokens)
    return Answer(200, to_xml(configuration.encrypted(), configuration.revision, extra), "application/xml")


def _authentication(tokens: list[dict[str, Any]]) -> ET.Element:
    root = ET.Element("authentication")
    held = ET.SubElement(root, "tokens")
    for token in tokens:
        made = ET.SubElement(held, "token")
        for name, value in token.items():
            ET.SubElement(made, name).text = str(value)
    return root


def post(call: Call) -> Answer:
    """Save General Configuration: replaces the whole."""
    _expect(call, ("xml", "text/plain", "octet-stream", "x-www-form-urlencoded"))
    tree, revision = from_xml(call.data)
    call.platform.configuration.replace(tree, revision)
    call.platform.wake()
    counts = call.platform.repositories.state.counts()
    local = counts.get("local", 0) + counts.get("federated", 0)
    said = f"{local} local repos, {counts.get('remote', 0)} remote repos, {counts.get('virtual', 0)} virtual repos"
    return text(f"Reload of new configuration ({said}) succeeded")


def patch(call: Call) -> Answer:
    """YAML Configuration: merges; null removes, an empty map empties."""
    _expect(call, _YAML_TYPES)
    try:
        changes = yaml.safe_load(call.text())
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        said = " ".join(str(error).split())[:300]
        raise Refused(400, f"Failed to parse the YAML configuration: {said}", "text") from None
    if not isinstance(changes, dict):
        raise Refused(400, "Failed to parse the YAML configuration: a map is expected", "text")
    count = call.platform.configuration.patch(changes)
    call.platform.wake()
    return text(f"{count} changes to config merged successfully")


def _expect(call: Call, kinds: tuple[str, ...]) -> None:
    sent = call.headers.get("content-type", "").lower()
    if sent and not any(kind in sent for kind in kinds):
        raise Refused(415, "Unsupported Media Type")


def security_config(call: Call) -> Answer:
    """The security section as JSON (12.6)."""
    security = call.platform.configuration.shown["security"]
    flags = ("anonAccessEnabled", "hideUnauthorizedResources", "buildGlobalBasicReadAllowed")
    return json_answer({**{name: security[name] for name in flags}, "passwordSettings": security["passwordSettings"]})


_OAUTH_TYPES = (
    ("GitHub", "github", ("apiUrl", "authUrl", "tokenUrl", "basicUrl")),
    ("Google", "google", ("apiUrl", "authUrl", "tokenUrl", "domain")),
    ("OpenID", "openId", ("apiUrl", "authUrl", "tokenUrl")),
    ("Cloud Foundry UAA", "cloudfoundry", ("apiUrl", "authUrl", "tokenUrl")),
)


def oauth(call: Call) -> Answer:
    """The OAuth settings as JSON; a secret comes back as its hash (12.6)."""
    settings = call.platform.configuration.shown["security"]["oauthSettings"]
    providers = [
        {"name": name, **{field: provider.get(field, "") for field in _provider_fields()}, **_hashed(provider)}
        for name, provider in settings["oauthProvidersSettings"].items()
    ]
    types = [
        {"displayName": shown, "type": kind, "mandatoryFields": list(needed), "fieldHolders": [], "fieldValues": []}
        for shown, kind, needed in _OAUTH_TYPES
    ]
    return json_answer(
        {
            "enabled": settings["enableIntegration"],
            "persistUsers": settings["persistUsers"],
            "allowUserToAccessProfile": settings["allowUserToAccessProfile"],
            "availableTypes": types,
            "providers": providers,
        }
    )


def _provider_fields() -> tuple[str, ...]:
    security = TABLE.fields["security"]
    oauth_settings = security.fields["oauthSettings"] if isinstance(security, Group) else None
    part = oauth_settings.fields["oauthProvidersSettings"] if isinstance(oauth_settings, Group) else None
    return tuple(part.fields) if isinstance(part, Keyed) else ()


def _hashed(provider: dict[str, Any]) -> dict[str, str]:
    secret = provider.get("secret")
    return {"secret": hashlib.sha256(secret.encode()).hexdigest()} if secret else {}


_WEB_SERVER = {"key": "direct", "webServerType": "DIRECT", "artifactoryAppContext": "artifactory", "serverName": "",
               "publicAppContext": "artifactory", "dockerReverseProxyMethod": "REPOPATHPREFIX", "useHttp": True,
               "useHttps": False, "httpPort": 80, "httpsPort": 443, "artifactoryServerName": "localhost",
               "artifactoryPort": 8081, "sslKey": "", "sslCertificate": "", "upStreamName": "artifactory"}  # fmt: skip


def web_server(call: Call) -> Answer:
    """Get Reverse Proxy Configuration: the one of the descriptor; unset texts are empty ones."""
    entries = call.platform.configuration.shown.get("reverseProxies") or {}
    for key, entry in entries.items():
        return json_answer({**_WEB_SERVER, "key": key, **{n: value for n, value in entry.items() if value is not None}})
    return json_answer(_WEB_SERVER)


def put_web_server(call: Call) -> Answer:
    """Update Reverse Proxy Configuration: there is one, so it takes the place of the former."""
    sent = call.json_object()
    key = sent.get("key") or str(sent.get("webServerType") or "NGINX").lower()
    if not isinstance(key, str):
        raise Refused(400, "key is a text")
    entry = {name: value for name, value in sent.items() if name != "key" and value is not None}
    try:
        with call.platform.database.transaction():
            former = call.platform.configuration.shown.get("reverseProxies") or {}
            call.platform.configuration.patch({"reverseProxies": {**dict.fromkeys(former), key: None}})
            call.platform.configuration.patch({"reverseProxies": {key: entry}})
    except Refused as refused:
        raise Refused(refused.status, refused.message) from None
    return Answer(201)


def proxy_snippet(call: Call) -> Answer:
    """Get Reverse Proxy Snippet: what to put into the file of the server that is configured."""
    kind = call.args["kind"].lower()
    entries = (call.platform.configuration.shown.get("reverseProxies") or {}).values()
    entry = next((one for one in entries if str(one.get("webServerType", "")).lower() == kind), None)
    if kind not in {"nginx", "apache"} or entry is None:
        raise Refused(400, f"No reverse proxy of type '{kind[:20]}' is configured.")
    known = {**_WEB_SERVER, **{name: value for name, value in entry.items() if value is not None}}
    address = f"http://{known['artifactoryServerName']}:{known['artifactoryPort']}/artifactory/"
    context, name = str(known["publicAppContext"]).strip("/"), known["serverName"]
    if kind == "apache":
        inner = f"  ServerName {name}\n  ProxyPass /{context}/ {address}\n  ProxyPassReverse /{context}/ {address}\n"
        return text(f"<VirtualHost *:{known['httpPort']}>\n{inner}</VirtualHost>\n")
    inner = f"  listen {known['httpPort']};\n  server_name {name};\n"
    return text(f"server {{\n{inner}  location /{context}/ {{\n    proxy_pass {address};\n  }}\n}}\n")


ROUTES = (
    Route("GET", PATH, "1.3", get),
    Route("POST", PATH, "1.3", post),
    Route("PATCH", PATH, "1.3", patch),
    Route("GET", f"{PATH}/webServer", "12.6", web_server),
    Route("POST", f"{PATH}/webServer", "12.6", put_web_server),
    Route("GET", f"{PATH}/reverseProxy/{{kind}}", "12.6", proxy_snippet, Needs.USER),
    Route("GET", "/artifactory/api/securityconfig", "12.6", security_config),
    Route("GET", "/artifactory/api/oauth", "12.6", oauth),
)
