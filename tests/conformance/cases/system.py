"""Health, licences, the descriptor, backups, storage, export and import, encryption, metrics (1, 8, 12.1, 12.6)."""

from collections.abc import Mapping
from typing import Any

from tests.conformance.case import ABSENT, ANY, Call, Case, exactly, includes, matching

_API = "/artifactory/api"
_CONFIGURATION = f"{_API}/system/configuration"
_TEXT = {"Content-Type": matching("text/plain")}
_JSON = {"Content-Type": matching("application/json")}
_XML = {"Content-Type": "application/xml"}
_YAML = {"Content-Type": "application/yaml"}
_DONE = "{} changes to config merged successfully"


def _get(section: str, name: str, path: str, body: Any, status: int = 200, **more: Any) -> Case:
    return Case(section, name, Call("GET", path, **more.pop("call", {})), status, body, **more)


def _patch(text: str) -> Call:
    return Call("PATCH", _CONFIGURATION, text, headers=_YAML)


def _patched(section: str, name: str, text: str, body: Any, status: int = 200, before: tuple[str, ...] = ()) -> Case:
    return Case(section, name, _patch(text), status, body, _TEXT, tuple(_patch(one) for one in before))


def _seen(section: str, name: str, text: str, expression: str) -> Case:
    """What a patch made, in the XML that the other node answers."""
    return Case(section, name, Call("GET", _CONFIGURATION), 200, matching(expression), _XML, (_patch(text),))


def _posted(name: str, body: str | bytes, said: str) -> Case:
    call = Call("POST", _CONFIGURATION, body, headers={"Content-Type": "application/xml"})
    return Case("1.3", name, call, 400, matching(said), _TEXT)


def _denied(section: str, method: str, path: str, send: Any = None) -> tuple[Case, Case]:
    """A row for administrators: anonymous is asked to log in, somebody is refused."""
    message = {"errors": [{"message": "Forbidden"}]}
    return (
        Case(section, f"{method} {path} asks for a login", Call(method, path, send, caller="anonymous"), 401),
        Case(
            section, f"{method} {path} is for administrators", Call(method, path, send, caller="somebody"), 403, message
        ),
    )


def _error(status: int, message: Any) -> Mapping[str, Any]:
    return {"errors": [{"status": status, "message": message}]}


_PROBE = exactly({"code": "OK"})
_HEALTH = (
    _get("1.1", "ping answers anybody", f"{_API}/system/ping", "OK", headers=_TEXT, call={"caller": "anonymous"}),
    _get("1.1", "ping answers a valid login", f"{_API}/system/ping", "OK", call={"caller": "somebody"}),
    _get(
        "1.1",
        "readiness needs no login",
        f"{_API}/v1/system/readiness",
        _PROBE,
        headers=_JSON,
        call={"caller": "anonymous"},
    ),
    _get("1.1", "liveness needs no login", f"{_API}/v1/system/liveness", _PROBE, call={"caller": "anonymous"}),
    _get("1.1", "the router is ready", "/router/api/v1/system/readiness", _PROBE, call={"caller": "anonymous"}),
    _get("1.1", "the router is alive", "/router/api/v1/system/liveness", _PROBE, call={"caller": "anonymous"}),
    _get(
        *("1.1", "router health lists services with their state", "/router/api/v1/system/health"),
        {
            "router": {"node_id": ANY, "state": "HEALTHY", "message": "OK"},
            "services": includes(
                {"service_id": matching("^jfrt@"), "state": "HEALTHY", "message": "OK"},
                {"service_id": matching("^jfac@"), "state": "HEALTHY", "message": "OK"},
                {"service_id": matching("^jfmc@"), "state": "HEALTHY", "message": "OK"},
            ),
        },
        call={"caller": "anonymous"},
    ),
    _get(
        *("1.1", "the topology lists every node", "/router/api/v1/topology/health"),
        {"nodes": [{"state": "HEALTHY"}, {"state": "HEALTHY"}]},
    ),
    *_denied("1.1", "GET", "/router/api/v1/topology/health"),
    _get(
        "1.1",
        "Access answers its ping",
        "/access/api/v1/system/ping",
        "OK",
        headers=_TEXT,
        call={"caller": "anonymous"},
    ),
    _get("1.1", "Mission Control answers its ping", "/mc/api/v1/system/ping", "OK", call={"caller": "anonymous"}),
    _get(
        *("1.1", "the version has its revision, its add-ons and the licence's hash", f"{_API}/system/version"),
        {
            "version": matching(r"^\d+\.\d+\.\d+$"),
            "revision": matching(r"^\d+$"),
            "addons": includes("ha", "federated", "multipush", "replication"),
            "license": matching("^[0-9a-f]{40}$"),
        },
        headers={"Content-Type": "application/vnd.org.jfrog.artifactory.system.Version+json"},
    ),
    _get("1.1", "the version is for any user", f"{_API}/system/version", {"version": ANY}, call={"caller": "somebody"}),
    _get("1.1", "the version asks for a login", f"{_API}/system/version", ANY, 401, call={"caller": "anonymous"}),
    _get(
        *("0.3", "every answer names version, id and node", f"{_API}/system/ping", "OK"),
        headers={
            "X-JFrog-Version": matching(r"^Artifactory/\d+\.\d+\.\d+ \d+$"),
            "X-Artifactory-Id": matching("^[0-9a-f]{40}$"),
            "X-Artifactory-Node-Id": ANY,
        },
    ),
    _get(
        *("0.4", "an unknown endpoint is a 404 in the envelope", f"{_API}/system/no-such-$id"),
        *(exactly({"errors": [{"status": 404, "message": ANY}]}), 404),
        headers={**_JSON, "X-JFrog-Version": ANY},
    ),
    _get("12.1.1", "Access calls the version name", "/access/api/v1/system/version", {"name": matching(r"^\d+\.")}),
    Case(
        *("12.1.1", "clients report their use"),
        Call("POST", f"{_API}/system/usage", {"productId": "client/1", "features": [{"featureId": "Partner/ACC-1"}]}),
        200,
    ),
    Case(
        *("12.1.2", "use is reported with attributes as well"),
        Call(
            "POST",
            f"{_API}/system/usage",
            {"productId": "c/1", "features": [{"featureId": "f", "attributes": {"a": "b"}}]},
        ),
        200,
    ),
)

_IDENTITY = (
    _get("1.1", "the service id is text", f"{_API}/system/service_id", matching("^jfrt@[0-9a-z]+$"), headers=_TEXT),
    *_denied("1.1", "GET", f"{_API}/system/service_id"),
    _get(
        *("1.1", "the status lists the nodes of the cluster", f"{_API}/system/status"),
        {"isHa": True, "nodes": includes({"id": ANY, "state": "RUNNING", "version": ANY, "licenceHash": ANY})},
    ),
    *_denied("1.1", "GET", f"{_API}/system/status"),
    _get("1.1", "system information is text", f"{_API}/system", matching("artifactory.version"), headers=_TEXT),
    *_denied("1.1", "GET", f"{_API}/system"),
    _get(
        "1.1", "the server tells its time", f"{_API}/system/serverTime", matching(r"^\d{4}-\d\d-\d\dT"), headers=_TEXT
    ),
    _get(
        *("1.1", "tasks have an id, a type, a state and a node", f"{_API}/tasks"),
        {"tasks": includes({"id": ANY, "type": "gc", "state": "scheduled", "description": ANY, "nodeId": ANY})},
    ),
    _get(
        *("1.1", "what is scheduled has not started", f"{_API}/tasks"),
        {"tasks": includes({"type": "gc", "state": "scheduled", "started": ABSENT})},
    ),
    *_denied("1.1", "GET", f"{_API}/tasks"),
    Case(
        *("1.1", "a server that answers can be reached"),
        Call("POST", f"{_API}/system/verifyconnection", {"endpoint": "$url/artifactory/api/system/ping"}),
        *(200, matching("^Successfully connected to endpoint"), _TEXT),
    ),
    Case(*("0.3", "the root is a page"), Call("GET", "/", caller="anonymous"), 200),
    Case(*("0.3", "and nothing else"), Call("POST", "/"), 405, headers={"Allow": "GET"}),
    *(
        Case(
            *("1.1", f"the base URL of a platform can be reached: {path}"),
            Call(
                "POST",
                f"{_API}/system/verifyconnection",
                {"endpoint": f"$url{path}", "username": "admin", "password": "password"},
            ),
            *(200, matching("^Successfully connected to endpoint"), _TEXT),
        )
        for path in ("", "/", "/artifactory", "/artifactory/")
    ),
    Case(
        *("1.1", "wrong credentials are no connection"),
        Call(
            "POST",
            f"{_API}/system/verifyconnection",
            {"endpoint": "$url/artifactory/api/repositories", "username": "admin", "password": "wrong"},
        ),
        *(400, _error(400, matching("^Error connecting to endpoint"))),
    ),
    Case(
        *("1.1", "a server that is not there cannot be reached"),
        Call(
            "POST",
            f"{_API}/system/verifyconnection",
            {"endpoint": "http://127.0.0.1:9/", "username": "", "password": ""},
        ),
        *(400, _error(400, matching("^Error connecting to endpoint"))),
    ),
    Case(
        *("1.1", "an endpoint that is no URL is refused"),
        Call("POST", f"{_API}/system/verifyconnection", {"endpoint": "no url"}),
        *(400, _error(400, matching("^Error connecting to endpoint"))),
    ),
)

_LICENCES = (
    _get(
        *("1.2", "the licence of the node", f"{_API}/system/license"),
        {"type": "Enterprise Plus", "validThrough": matching(r"^[A-Z][a-z]{2} \d{1,2}, \d{4}$"), "licensedTo": ANY},
    ),
    _get(
        *("1.2", "the pool lists licences and who uses them", f"{_API}/system/licenses"),
        {
            "licenses": includes(
                {
                    "type": "Enterprise Plus",
                    "validThrough": ANY,
                    "licensedTo": ANY,
                    "licenseHash": matching("^[0-9a-f]{40}$"),
                    "nodeId": ANY,
                    "nodeUrl": ANY,
                    "expired": False,
                }
            )
        },
    ),
    *_denied("1.2", "GET", f"{_API}/system/licenses"),
    Case(
        *("1.2", "a text that is no licence is not installed"),
        Call("POST", f"{_API}/system/license", {"licenseKey": "nonsense\n"}),
        *(400, exactly({"status": 400, "message": "Invalid Artifactory license."})),
    ),
    Case(
        *("1.2", "each key of a list has its message"),
        Call("POST", f"{_API}/system/licenses", [{"licenseKey": "first-$id"}, {"licenseKey": "second"}]),
        400,
        {
            "status": 400,
            "messages": {"first-$id": "Invalid Artifactory license.", "second": "Invalid Artifactory license."},
        },
    ),
    Case(
        *("1.2", "one object is taken like a list"),
        Call("POST", f"{_API}/system/licenses", {"licenseKey": "alone"}),
        *(400, {"status": 400, "messages": {"alone": "Invalid Artifactory license."}}),
    ),
    Case(
        *("1.2", "an empty list is refused"),
        Call("POST", f"{_API}/system/licenses", []),
        *(400, {"status": 400, "message": "No license key supplied."}),
    ),
    Case(
        *("1.2", "a deletion names hashes"),
        Call("DELETE", f"{_API}/system/licenses"),
        *(400, {"status": 400, "message": "No licenses were provided"}),
    ),
    Case(
        *("1.2", "a licence that is not in the pool cannot go"),
        Call("DELETE", f"{_API}/system/licenses?licenseHash=$id"),
        *(400, {"status": 400, "messages": {"$id": ANY}}),
    ),
    *_denied("1.2", "POST", f"{_API}/system/licenses", []),
)

_BACKUP = "backups: {$id: {enabled: true, cronExp: '0 0 2 ? * MON-SAT', excludedRepositories: [two, one]}}"
_DESCRIPTOR = (
    _get(
        "1.3", "the descriptor is XML", _CONFIGURATION, includes("<config ", "<revision>", "<gcConfig>"), headers=_XML
    ),
    _get(
        *("12.1.1", "the descriptor is XML whatever is accepted", _CONFIGURATION, includes("<config ")),
        headers=_XML,
        call={"headers": {"Accept": "*/*", "Content-Type": "application/json"}},
    ),
    *_denied("1.3", "GET", _CONFIGURATION),
    *_denied("1.3", "PATCH", _CONFIGURATION, "offlineMode: false"),
    _posted("a descriptor that is no XML is refused", "<config", "Failed to read"),
    _posted("another root element is refused", "<settings/>", "config"),
    _posted("an unknown element is refused", "<config><nonsense-$id/></config>", "nonsense-$id"),
    _posted("a document type is refused", '<!DOCTYPE c [<!ENTITY a "b">]><config>&a;</config>', "entities"),
    _posted(
        "a value of the wrong kind is refused", "<config><offlineMode>perhaps</offlineMode></config>", "offlineMode"
    ),
    _posted(
        *("an old revision is refused with the text on which clients retry", "<config><revision>0</revision></config>"),
        "Could not merge and save new descriptor",
    ),
    _patched("1.3", "a new entry is one change", _BACKUP, _DONE.format(1)),
    _patched("1.3", "the same patch again changes nothing", _BACKUP, _DONE.format(0), before=(_BACKUP,)),
    _patched("1.3", "null removes an entry", "backups: {$id: ~}", _DONE.format(1), before=(_BACKUP,)),
    _patched("12.6", "removing what is not there is no error", "backups: {$id: ~}", _DONE.format(0)),
    _patched("1.3", "an unknown section is refused", "nonsense: 1", matching("nonsense"), 400),
    _patched("1.3", "what is no YAML is refused", "[1, 2", matching("Failed to parse"), 400),
    _patched("1.3", "what is no map is refused", "- 1", matching("map"), 400),
    _patched(
        "9", "five fields are no cron expression", "backups: {$id: {cronExp: '0 2 * * *'}}", matching("cronExp"), 400
    ),
    _patched("9", "one day field must be open", "gcConfig: {cronExp: '0 0 12 * * *'}", matching("cronExp"), 400),
    _patched(
        "9",
        "an expression that never fires is refused",
        "gcConfig: {cronExp: '0 0 0 ? * * 2001'}",
        matching("cronExp"),
        400,
    ),
    _patched(
        "1.7",
        "collection is put off by a date far away",
        "gcConfig: {cronExp: '0 0 0 ? * * 2099'}",
        matching("changes"),
    ),
    _patched("1.3", "null gives a value its default back", "gcConfig: {cronExp: ~}", matching("changes")),
    _patched("1.4", "a backup needs a cron expression", "backups: {$id: {enabled: true}}", matching("cronExp"), 400),
    _patched("1.4", "a key starts with a letter", "backups: {'1 x': {cronExp: '0 0 2 ? * SAT'}}", matching("1 x"), 400),
    _seen("1.4", "a backup has its defaults", _BACKUP, r"<key>$id</key>[\s\S]*?<retentionPeriodHours>168<"),
    _seen(
        *("12.6", "excluded repositories keep their order", _BACKUP),
        r"<key>$id</key>[\s\S]*?<repositoryRef>two</repositoryRef>\s*<repositoryRef>one</repositoryRef>",
    ),
    _seen(
        *(
            "12.6",
            "a map by key is a list whose entries carry the key",
            "proxies: {$id: {host: p.example, port: 8080}}",
        ),
        r"<proxies>[\s\S]*<proxy>\s*<key>$id</key>\s*<host>p.example</host>\s*<port>8080</port>",
    ),
    _patched(
        *("12.6", "unset fields of a proxy come as empty texts"),
        "proxies: {$id: {host: h, port: 1, username: '', password: '', ntHost: '', domain: '', platformDefault: false,"
        " redirectedToHosts: '', services: 'jfrt,jfmc'}}",
        _DONE.format(1),
    ),
    _patched(
        *("12.6", "services go not together with the platform's default proxy"),
        *("proxies: {$id: {host: h, port: 1, platformDefault: true, services: jfrt}}", matching("services"), 400),
    ),
    _patched("12.6", "a port is a number", "proxies: {$id: {host: h, port: eighty}}", matching("port"), 400),
    Case(
        *("1.3", "a proxy that a repository uses cannot go"),
        _patch("proxies: {$id: ~}"),
        *(400, matching("$id"), _TEXT),
        (
            _patch("proxies: {$id: {host: h, port: 1}}"),
            Call(
                *("PUT", f"{_API}/repositories/$id-remote"),
                {"rclass": "remote", "packageType": "generic", "url": "http://up.example", "proxy": "$id"},
            ),
        ),
    ),
    _seen(
        *("12.6", "a property set has its values"),
        "propertySets: {$id: {visible: true, properties: {colour: {closedPredefinedValues: true, multipleChoice: true,"
        " predefinedValues: {red: {defaultValue: true}, blue: {defaultValue: false}}}}}}",
        r"<name>$id</name>[\s\S]*?<name>colour</name>[\s\S]*?<value>red</value>\s*<defaultValue>true<",
    ),
    _patched(
        *("12.6", "a choice of several needs closed values"),
        "propertySets: {$id: {properties: {p: {multipleChoice: true, predefinedValues: {a: {}}}}}}",
        *(matching("multipleChoice"), 400),
    ),
    Case(
        *("12.6", "a set is sent whole: what is not listed any more is gone"),
        Call("GET", _CONFIGURATION),
        *(
            200,
            matching(r"<name>$id</name>\s*<visible>true</visible>\s*<properties>\s*<property>\s*<name>new</name>"),
            _XML,
        ),
        (
            _patch("propertySets: {$id: {properties: {old: {}}}}"),
            _patch("propertySets: {$id: {properties: {new: {}}}}"),
        ),
    ),
    _seen(
        *("12.6", "a layout is kept as it was sent"),
        "repoLayouts: {$id: {artifactPathPattern: '[orgPath]/[module]-[baseRev].[ext]', distinctiveDescriptorPathPattern: true,"
        " descriptorPathPattern: '[orgPath]/x.pom', folderIntegrationRevisionRegExp: SNAP, fileIntegrationRevisionRegExp: SNAP}}",
        r"<name>$id</name>\s*<artifactPathPattern>\[orgPath\]/\[module\]-\[baseRev\].\[ext\]<",
    ),
    Case(
        *("12.3.2", "a layout that a repository uses cannot go"),
        _patch("repoLayouts: {$id: ~}"),
        *(400, matching("$id"), _TEXT),
        (
            _patch("repoLayouts: {$id: {artifactPathPattern: '[orgPath]/[module]-[baseRev].[ext]'}}"),
            Call(
                *("PUT", f"{_API}/repositories/$id-local"),
                {"rclass": "local", "packageType": "generic", "repoLayoutRef": "$id"},
            ),
        ),
    ),
    _seen(
        "12.12",
        "the layouts of every package type are there",
        "offlineMode: false",
        r"<name>terraform-provider-default</name>",
    ),
    Case(
        *("12.6", "a mail server that is null is absent"),
        Call("GET", _CONFIGURATION),
        *(200, matching(r"^(?![\s\S]*<mailServer>)"), _XML),
        (_patch("mailServer: {enabled: true, host: m.example, port: 25, from: ~}"), _patch("mailServer: ~")),
    ),
    _seen(
        *("12.6", "unset fields of a mail server vanish"),
        "mailServer: {enabled: true, host: m.example, port: 587, from: ~, username: ~, tls: true}",
        r"<mailServer>\s*<enabled>true</enabled>\s*<host>m.example</host>\s*<port>587</port>",
    ),
    Case(
        *("1.9", "a password is not shown while the key encryption is on"),
        Call("GET", _CONFIGURATION),
        *(200, matching(r"^(?![\s\S]*hush-$id)"), _XML),
        (Call("POST", f"{_API}/system/encrypt"), _patch("proxies: {$id: {host: h, port: 1, password: hush-$id}}")),
    ),
    _seen(
        *("12.6", "the trash can is reset, not removed", "trashcanConfig: {enabled: true, retentionPeriodDays: 14}"),
        r"<trashcanConfig>\s*<enabled>true</enabled>[\s\S]*<retentionPeriodDays>14<",
    ),
    _get(
        *("12.6", "general security is read as JSON", f"{_API}/securityconfig"),
        {"anonAccessEnabled": False, "passwordSettings": {"encryptionPolicy": "SUPPORTED"}},
        headers=_JSON,
    ),
    _patched(
        *("12.6", "an unknown encryption policy is refused"),
        *("security: {passwordSettings: {encryptionPolicy: MAYBE}}", matching("encryptionPolicy"), 400),
    ),
    *_denied("12.6", "GET", f"{_API}/securityconfig"),
    Case(
        *("12.6", "OAuth is read as JSON, its secret hashed"),
        Call("GET", f"{_API}/oauth"),
        200,
        {
            "enabled": True,
            "persistUsers": True,
            "allowUserToAccessProfile": False,
            "availableTypes": ANY,
            "providers": includes(
                {"name": "$id", "enabled": True, "providerType": "github", "id": "me", "secret": matching("^(?!hush)")}
            ),
        },
        _JSON,
        (
            _patch(
                "security: {oauthSettings: {enableIntegration: true, persistUsers: true, allowUserToAccessProfile: false,"
                " availabletypes: [], providers: [], oauthProvidersSettings: {$id: {name: $id, enabled: true,"
                " providerType: github, id: me, secret: hush, apiUrl: 'http://a.example', authUrl: 'http://b.example',"
                " tokenUrl: 'http://c.example'}}}}"
            ),
        ),
    ),
    Case(
        *("12.6", "an empty map empties"),
        Call("GET", f"{_API}/oauth"),
        *(200, {"enabled": False, "providers": []}, _JSON),
        (
            _patch("security: {oauthSettings: {oauthProvidersSettings: {$id: {providerType: google}}}}"),
            _patch("security: {oauthSettings: {enableIntegration: false, oauthProvidersSettings: {}}}"),
        ),
    ),
    _seen(
        *("12.6", "an LDAP setting has its search"),
        "security: {ldapSettings: {$id: {enabled: true, ldapUrl: 'ldap://l.example', search: {searchSubTree: true,"
        " searchFilter: 'uid={0}', managerDn: cn}}}}",
        r"<ldapSetting>\s*<key>$id</key>\s*<enabled>true</enabled>\s*<ldapUrl>ldap://l.example</ldapUrl>\s*<search>",
    ),
    Case(
        *("12.6", "null of a whole section removes its entries"),
        Call("GET", _CONFIGURATION),
        *(200, matching(r"^(?![\s\S]*<ldapSetting>)"), _XML),
        (
            _patch("security: {ldapSettings: {$id: {ldapUrl: 'ldap://l.example'}}}"),
            _patch("security: {ldapSettings: ~}"),
        ),
    ),
    _patched(
        *("12.6", "a hierarchical LDAP group has no sub-tree"),
        *("security: {ldapGroupSettings: {$id: {strategy: HIERARCHICAL, subTree: true}}}", matching("subTree"), 400),
    ),
    _seen(
        *("1.3", "SAML, crowd and HTTP SSO stand below security"),
        "security: {samlSettings: {enableIntegration: false, loginUrl: 'http://idp.example'}, crowdSettings:"
        " {serverUrl: 'http://crowd.example'}, httpSsoSettings: {httpSsoProxied: false}}",
        r"<security>[\s\S]*<httpSsoSettings>[\s\S]*<crowdSettings>[\s\S]*<samlSettings>[\s\S]*</security>",
    ),
    _seen(
        *(
            "1.3",
            "a reverse proxy has its ports",
            "reverseProxies: {$id: {webServerType: NGINX, serverName: r.example}}",
        ),
        r"<key>$id</key>\s*<webServerType>NGINX</webServerType>[\s\S]*<httpsPort>443</httpsPort>",
    ),
)

_GLOBAL = (
    Case(
        *("1.5", "the replication block has two switches"),
        Call("GET", f"{_API}/system/replications"),
        *(200, exactly({"blockPullReplications": False, "blockPushReplications": False})),
        before=(Call("POST", f"{_API}/system/replications/unblock"),),
    ),
    Case(
        *("1.5", "no direction, no action"),
        Call("POST", f"{_API}/system/replications/block?push=false&pull=false"),
        *(200, "No action taken.", _TEXT),
    ),
    Case(
        *("1.5", "both directions are unblocked"),
        Call("POST", f"{_API}/system/replications/unblock"),
        *(200, "Successfully unblocked all replications.", _TEXT),
        (Call("POST", f"{_API}/system/replications/block"),),
    ),
    Case(
        *("1.5", "one direction is unblocked"),
        Call("POST", f"{_API}/system/replications/unblock?pull=false"),
        *(200, "Successfully unblocked all push replications.", _TEXT),
    ),
    Case(
        *("1.5", "the replication block has no POST of its own"),
        *(Call("POST", f"{_API}/system/replications", {}), 405),
    ),
    *_denied("1.5", "POST", f"{_API}/system/replications/unblock"),
    Case(
        *("1.6", "what is no URL is no base URL"),
        Call("PUT", f"{_CONFIGURATION}/baseUrl", "no url", headers={"Content-Type": "text/plain"}),
        400,
    ),
    *_denied("1.6", "PUT", f"{_CONFIGURATION}/baseUrl", "http://x.example"),
    Case("1.9", "encryption can be activated twice", Call("POST", f"{_API}/system/encrypt"), 200, "DONE", _TEXT),
    Case(
        *("1.9", "encryption can be deactivated", Call("POST", f"{_API}/system/decrypt"), 200, "DONE", _TEXT),
        before=(Call("POST", f"{_API}/system/encrypt"),),
    ),
    Case(
        *("1.9", "what is off cannot be deactivated", Call("POST", f"{_API}/system/decrypt"), 409),
        *("Cannot decrypt without artifactory key file", _TEXT),
        before=(Call("POST", f"{_API}/system/encrypt"), Call("POST", f"{_API}/system/decrypt")),
    ),
    *_denied("1.9", "POST", f"{_API}/system/encrypt"),
)

_SIZE = matching(r"^[\d.]+ (bytes|KB|MB|GB|TB)$")
_STORAGE = (
    Case(
        *("1.7", "only Derby can be compressed", Call("POST", f"{_API}/system/storage/compress"), 400),
        {"errors": [{"status": 400, "message": matching("Derby")}]},
    ),
    _get(
        *("1.7", "the storage summary has display texts and numbers", f"{_API}/storageinfo"),
        {
            "binariesSummary": {
                "binariesCount": matching(r"^[\d,]+$"),
                "binariesSize": _SIZE,
                "artifactsSize": _SIZE,
                "optimization": matching(r"^[\d.]+%$"),
                "itemsCount": matching(r"^[\d,]+$"),
                "artifactsCount": matching(r"^[\d,]+$"),
            },
            "fileStoreSummary": {
                "storageType": "file-system",
                "storageDirectory": ANY,
                "totalSpace": _SIZE,
                "usedSpace": matching(r"\(\d+\.\d\d%\)$"),
                "freeSpace": ANY,
            },
            "repositoriesSummaryList": includes({"repoKey": "TOTAL", "repoType": "NA"}),
        },
        headers=_JSON,
    ),
    Case(
        *("1.7", "a calculation is taken on"),
        *(Call("POST", f"{_API}/storageinfo/calculate"), 202, None, _TEXT),
    ),
    Case(
        *("1.7", "a repository is counted once it was calculated"),
        Call("GET", f"{_API}/storageinfo"),
        200,
        {
            "repositoriesSummaryList": includes(
                {
                    "repoKey": "$id-local",
                    "repoType": "LOCAL",
                    "foldersCount": 1,
                    "filesCount": 1,
                    "itemsCount": 2,
                    "usedSpace": "5 bytes",
                    "usedSpaceInBytes": 5,
                    "projectKey": "default",
                }
            )
        },
        before=(
            Call("PUT", f"{_API}/repositories/$id-local", {"rclass": "local", "packageType": "generic"}),
            Call("PUT", "/artifactory/$id-local/a/b.bin", b"12345"),
            Call("POST", f"{_API}/storageinfo/calculate"),
        ),
    ),
    *_denied("1.7", "GET", f"{_API}/storageinfo"),
    Case("1.7", "garbage is collected", Call("POST", f"{_API}/system/storage/gc"), 200, None, _TEXT),
    *_denied("1.7", "POST", f"{_API}/system/storage/gc"),
    Case(
        "1.7",
        "pruning starts",
        Call("POST", f"{_API}/system/storage/prune/start", {"dryRun": True}),
        202,
        {"info": ANY},
        before=(Call("POST", f"{_API}/system/storage/prune", patient=True),),
    ),
    Case(
        *("1.7", "pruning has a status"),
        Call("GET", f"{_API}/system/storage/prune/status"),
        200,
        {
            "status": matching("^(running|finished)$"),
            "dryRun": True,
            "timing": {"startedAtMillis": ANY, "startedAt": ANY, "durationMillis": ANY, "duration": ANY},
            "progress": matching("%$"),
            "report": {"totalBinariesProcessed": ANY, "totalBinariesCleaned": ANY, "totalBytesCleaned": ANY},
            "lastHandledDirectory": {"name": ANY, "status": ANY},
            "error": None,
        },
        before=(
            Call("POST", f"{_API}/system/storage/prune", {}, patient=True),
            Call("POST", f"{_API}/system/storage/prune/start", {"dryRun": True}),
        ),
    ),
    Case(
        *("1.7", "nothing that runs, nothing to stop"),
        *(Call("POST", f"{_API}/system/storage/prune/stop"), 412),
        before=(Call("POST", f"{_API}/system/storage/prune", patient=True),),
    ),
    Case(
        *("1.7", "a directory of the filestore has two digits"),
        *(Call("POST", f"{_API}/system/storage/prune/start", {"startFromDirectory": "../x"}), 400),
    ),
    Case(
        *("1.7", "a filestore that is not sharded cannot be optimised"),
        *(Call("POST", f"{_API}/system/storage/optimize"), 412),
    ),
    _get("1.7", "the size of the filestore is text", f"{_API}/system/storage/size", matching(r"^\d+"), headers=_TEXT),
    _get(
        "1.7",
        "the filestore describes itself as text",
        f"{_API}/system/storage/info",
        matching("file-system"),
        headers=_TEXT,
    ),
    Case(
        *("1.7", "checksums are trusted for a number of days"),
        Call("GET", f"{_API}/config/storage/checksumReplication"),
        *(200, {"checkBinaryExistenceAllowed": True, "trustUntil": ANY}),
        before=(
            Call(
                *("PUT", f"{_API}/config/storage/checksumReplication"),
                {"checkBinaryExistenceAllowed": True, "daysToTrust": 3},
            ),
        ),
    ),
    Case(
        *("1.7", "checksums are trusted for 30 days at most"),
        Call(
            *("PUT", f"{_API}/config/storage/checksumReplication"),
            {"checkBinaryExistenceAllowed": True, "daysToTrust": 31},
        ),
        400,
    ),
    Case(
        *(
            "1.4",
            "a backup is run now",
            Call("POST", f"{_API}/system/storage/backup?key=$id"),
            200,
            matching("$id"),
            _TEXT,
        ),
        before=(_patch(_BACKUP),),
    ),
    Case(
        *("1.4", "a backup that is not there cannot run", Call("POST", f"{_API}/system/storage/backup?key=$id"), 500),
        _error(500, "No backup identified with key '$id'"),
    ),
    Case(
        *(
            "1.4",
            "a backup that is disabled does not run",
            Call("POST", f"{_API}/system/storage/backup?key=backup-weekly"),
            500,
        ),
        _error(500, "Backup identified with key 'backup-weekly' is disabled"),
    ),
)

_EXPORT = (
    _get(
        *("1.8", "the settings of an export", f"{_API}/export/system"),
        {"exportPath": ANY, "includeMetadata": True, "createArchive": False, "m2": False, "excludeContent": False},
        headers={"Content-Type": "application/vnd.org.jfrog.artifactory.system.ExportSettings+json"},
    ),
    _get(
        *("1.8", "the settings of an import", f"{_API}/import/system"),
        {"importPath": ANY, "includeMetadata": True, "verbose": False, "failOnError": ANY, "failIfEmpty": True},
        headers={"Content-Type": "application/vnd.org.jfrog.artifactory.system.ImportSettings+json"},
    ),
    Case(
        *("1.8", "a system is exported below a folder that is made"),
        Call("POST", f"{_API}/export/system", {"exportPath": "/exports/$id", "includeMetadata": True, "m2": False}),
        *(200, None, _TEXT),
    ),
    Case(
        *("1.8", "an export has a path"),
        *(Call("POST", f"{_API}/export/system", {"includeMetadata": True}), 400),
    ),
    *(
        Case(
            *("1.8", f"{path} is no directory for an export"),
            Call("POST", f"{_API}/export/system", {"exportPath": path}),
            *(400, _error(400, "Invalid Export Directory")),
        )
        for path in ("$HOME/x", "//host/share", "\\\\host\\share", "/a/../../etc")
    ),
    *_denied("1.8", "POST", f"{_API}/export/system", {"exportPath": "/exports"}),
    Case(
        *("1.8", "what is not there cannot be imported"),
        *(Call("POST", f"{_API}/import/system", {"importPath": "/exports/none-$id"}), 400),
    ),
    Case(
        *("1.8", "an import of repositories has a path"),
        Call("POST", f"{_API}/import/repositories"),
        *(400, _error(400, "You must provide a repository path to import from.")),
    ),
    Case(
        *("1.8", "content of a repository comes back from its export"),
        *(Call("GET", "/artifactory/$id-copy/a/b.txt"), 200, "content of $id"),
        before=(
            Call("PUT", f"{_API}/repositories/$id-local", {"rclass": "local", "packageType": "generic"}),
            Call("PUT", f"{_API}/repositories/$id-copy", {"rclass": "local", "packageType": "generic"}),
            Call("PUT", "/artifactory/$id-local/a/b.txt", "content of $id"),
            Call(
                *("POST", f"{_API}/artifactexport/repository"),
                {"action": "repository", "path": "/exports/$id", "repository": "$id-local"},
            ),
            Call("POST", f"{_API}/import/repositories?path=/exports/$id/$id-local&repo=$id-copy&metadata=1"),
        ),
    ),
    Case(
        *("1.8", "properties come back with the metadata"),
        *(Call("GET", f"{_API}/storage/$id-copy/a.txt?properties"), 200, {"properties": {"k": ["v"]}}),
        before=(
            Call("PUT", f"{_API}/repositories/$id-local", {"rclass": "local", "packageType": "generic"}),
            Call("PUT", f"{_API}/repositories/$id-copy", {"rclass": "local", "packageType": "generic"}),
            Call("PUT", "/artifactory/$id-local/a.txt;k=v", "content"),
            Call(
                *("POST", f"{_API}/artifactexport/repository"),
                {"action": "repository", "path": "/exports/$id", "repository": "$id-local"},
            ),
            Call("POST", f"{_API}/import/repositories?path=/exports/$id/$id-local&repo=$id-copy&metadata=1"),
        ),
    ),
    Case("1.8", "Access is backed up", Call("POST", "/access/api/v1/system/backup/export"), 202),
    Case(
        *("1.8", "a backup of Access is imported"),
        *(Call("POST", "/access/api/v1/system/backup/import", {"saas": False}), 200),
        before=(Call("POST", "/access/api/v1/system/backup/export"),),
    ),
)

_METRICS = (
    _get(
        *("8", "a metric has help, time, type and value", f"{_API}/v1/metrics"),
        matching(
            r"# HELP app_disk_free_bytes Free bytes for app home directory disk device\n"
            r"# UPDATED app_disk_free_bytes \d{13}\n# TYPE app_disk_free_bytes gauge\napp_disk_free_bytes [\d.e+]+ \d{13}\n"
        ),
        headers=_TEXT,
    ),
    *(
        _get("8", f"{name} is there", f"{_API}/v1/metrics", matching(rf"# TYPE {name} "))
        for name in (
            *("sys_cpu_totaltime_seconds", "jfrt_runtime_heap_maxmemory_bytes", "jfrt_runtime_heap_processors_total"),
            *("jfrt_db_connections_max_active_total", "jfsh_binaries_bytes_upload_total", "app_disk_total_bytes"),
        )
    ),
    _get(
        *("8", "repositories are counted by type", f"{_API}/v1/metrics"),
        matching(r'jfrt_repo_by_type_total\{type="local"\} \d+ \d{13}'),
    ),
    _get(
        *("8", "outgoing connections name their pool", f"{_API}/v1/metrics"),
        matching(r'jfrt_http_connections_leased_total\{max="\d+",pool="[^"]+"\} \d+'),
    ),
    Case(
        *("8", "a garbage collection is measured", Call("GET", f"{_API}/v1/metrics"), 200),
        matching(
            r'jfrt_artifacts_gc_duration_seconds\{end="\d+",start="\d+",status="COMPLETED",type="(TRASH_AND_BINARIES|FULL)"\} '
        ),
        before=(Call("POST", f"{_API}/system/storage/gc"),),
    ),
    _get(
        "8", "metrics are text only", f"{_API}/v1/metrics", ANY, 406, call={"headers": {"Accept": "application/json"}}
    ),
    *_denied("8", "GET", f"{_API}/v1/metrics"),
    _get(
        "8",
        "the federation service has metrics",
        "/rtfs/api/v1/metrics",
        includes("jfrtfs_worker_lag_seconds", "pq_queue_lag"),
    ),
    _get(
        *("8", "the queue names itself", "/rtfs/api/v1/metrics"),
        matching(r'pq_queue_events_left\{queue_name="jfrog_federation_service_queue"\} \d+'),
    ),
    _get(
        *("8", "members are counted by status", "/rtfs/api/v1/metrics"),
        matching(r'jfrtfs_members_in_status\{member_status="ERROR_OUT_OF_SYNC",tenant="[^"]+"\} \d+'),
    ),
)

CASES: tuple[Case, ...] = (
    *_HEALTH,
    *_IDENTITY,
    *_LICENCES,
    *_DESCRIPTOR,
    *_GLOBAL,
    *_STORAGE,
    *_EXPORT,
    *_METRICS,
)
