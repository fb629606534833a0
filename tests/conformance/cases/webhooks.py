"""Webhooks of the event service (12.7)."""

from typing import Any

from tests.conformance.case import ABSENT, ANY, Call, Case, exactly, includes, matching

_API = "/event/api/v1/subscriptions"
_REPO = {"anyLocal": True, "anyRemote": False, "anyFederated": False, "repoKeys": ["r1"]}
_HANDLER = {"handler_type": "webhook", "url": "http://h.example/x"}


def _hook(domain: str = "artifact", events: Any = ("deployed",), criteria: Any = _REPO, **more: Any) -> dict[str, Any]:
    chosen: dict[str, Any] = {"domain": domain, "event_types": list(events)}
    if criteria is not None:
        chosen["criteria"] = criteria
    body = {"key": "$id", "enabled": True, "event_filter": chosen, "handlers": [_HANDLER]}
    return {**body, **more}


def _post(body: Any) -> Call:
    return Call("POST", _API, body)


def _echo(name: str, domain: str, events: Any, criteria: Any) -> Case:
    wanted = {"domain": domain, "event_types": list(events), "criteria": ABSENT if criteria is None else criteria}
    return Case("12.7", name, Call("GET", f"{_API}/$id"), 200, {"event_filter": wanted},
                before=(_post(_hook(domain, events, criteria)),))  # fmt: skip


_BUNDLES = {"anyReleaseBundle": False, "registeredReleaseBundlesNames": ["b"]}
_BUNDLES_2 = {"anyReleaseBundle": False, "selectedReleaseBundles": {"release-bundles-v2": ["b"]}}
_V2 = "release_bundle_v2"
_DISTRIBUTION = ("distribute_started", "distribute_completed", "distribute_aborted", "distribute_failed",
                 "delete_started", "delete_completed", "delete_failed")  # fmt: skip
_RECEIVED = ("received", "delete_started", "delete_completed", "delete_failed")

CASES = (
    Case("12.7", "a subscription is created and answered", _post(_hook()), 201, {"key": "$id", "enabled": True}),
    Case("12.7", "a subscription is read back as it was sent, and nothing unset appears", Call("GET", f"{_API}/$id"), 200,
         exactly({"key": "$id", "enabled": True, "handlers": [exactly(_HANDLER)],
                  "event_filter": {"domain": "artifact", "event_types": ["deployed"], "criteria": _REPO}}),
         before=(_post(_hook()),)),
    Case("12.7", "the three flags of repository criteria are always there", Call("GET", f"{_API}/$id"), 200,
         {"event_filter": {"criteria": {"anyLocal": False, "anyRemote": False, "anyFederated": False}}},
         before=(_post(_hook(criteria={"repoKeys": ["r"]})),)),
    Case("12.7", "enabled is true unless told otherwise", Call("GET", f"{_API}/$id"), 200, {"enabled": True},
         before=(_post({name: value for name, value in _hook().items() if name != "enabled"}),)),
    _echo("artifact events", "artifact", ("deployed", "deleted", "moved", "copied", "cached"), _REPO),
    _echo("property events", "artifact_property", ("added", "deleted"), _REPO),
    _echo("image events", "docker", ("pushed", "deleted", "promoted"), _REPO),
    _echo("build events", "build", ("uploaded", "deleted", "promoted"), {"anyBuild": True}),
    _echo("build events of chosen builds", "build", ("uploaded",), {"anyBuild": False, "selectedBuilds": ["b"]}),
    _echo("bundle events", "release_bundle", ("created", "signed", "deleted"), _BUNDLES),
    _echo("distribution events", "distribution", _DISTRIBUTION, _BUNDLES),
    _echo("destination events", "destination", _RECEIVED, _BUNDLES),
    _echo("destination events by their old name", "artifactory_release_bundle", _RECEIVED, _BUNDLES),
    _echo("bundle events of the second kind", _V2, tuple(f"{_V2}_{end}" for end in ("started", "failed", "completed")),
          _BUNDLES_2),
    _echo("promotion events", f"{_V2}_promotion",
          tuple(f"{_V2}_promotion_{end}" for end in ("started", "failed", "completed")),
          {"selectedEnvironments": ["DEV"]}),
    _echo("archive events have no criteria", "artifact_lifecycle", ("archive", "restore"), None),
    _echo("user events have no criteria", "user", ("locked",), None),
    _echo("patterns are kept", "artifact", ("deployed",), {**_REPO, "includePatterns": ["a/**"],
                                                           "excludePatterns": ["b/**"]}),
    Case("12.7", "a secret does not come back as it went in", Call("GET", f"{_API}/$id"), 200,
         {"handlers": [{"secret": matching("^(?!tell)")}]},
         before=(_post(_hook(handlers=[{**_HANDLER, "secret": "tell no one"}])),)),
    Case("12.7", "headers come back", Call("GET", f"{_API}/$id"), 200,
         {"handlers": [{"custom_http_headers": [{"name": "h", "value": "v"}], "use_secret_for_signing": True}]},
         before=(_post(_hook(handlers=[{**_HANDLER, "secret": "s", "use_secret_for_signing": True,
                                        "custom_http_headers": [{"name": "h", "value": "v"}]}])),)),
    Case("12.7", "a custom handler comes back, its secrets hashed", Call("GET", f"{_API}/$id"), 200,
         {"handlers": [{"handler_type": "custom-webhook", "method": "PUT", "payload": "{{ .data.name }}",
                        "secrets": [{"name": "n", "value": matching("^(?!plain$)")}],
                        "http_headers": [{"name": "h", "value": "v"}]}]},
         before=(_post(_hook(handlers=[{"handler_type": "custom-webhook", "url": "http://h.example", "method": "PUT",
                                        "payload": "{{ .data.name }}", "secrets": [{"name": "n", "value": "plain"}],
                                        "http_headers": [{"name": "h", "value": "v"}]}])),)),
    Case("12.7", "an unknown proxy is refused with the text that clients repeat on",
         _post(_hook(handlers=[{**_HANDLER, "proxy": "$id-proxy"}])), 400,
         {"errors": [{"message": matching("proxy with key '.*' not found")}]}),
    Case("12.7", "an update replaces", Call("GET", f"{_API}/$id"), 200,
         {"description": "changed", "enabled": False, "event_filter": {"event_types": ["deleted"]}},
         before=(_post(_hook()),
                 Call("PUT", f"{_API}/$id", _hook(events=("deleted",), description="changed", enabled=False)))),
    Case("12.7", "an unknown key is gone", Call("GET", f"{_API}/$id"), 404, {"errors": [{"code": ANY, "message": ANY}]}),
    Case("12.7", "deleting an unknown key is a 404", Call("DELETE", f"{_API}/$id"), 404),
    Case("12.7", "a deleted subscription is gone", Call("GET", f"{_API}/$id"), 404,
         before=(_post(_hook()), Call("DELETE", f"{_API}/$id"))),
    Case("12.7", "subscriptions are listed", Call("GET", _API), 200, includes({"key": "$id"}), before=(_post(_hook()),)),
    Case("12.7", "a key of one character is refused", _post(_hook(key="k")), 400),
    Case("12.7", "a key with a space is refused", _post(_hook(key="a b")), 400),
    Case("12.7", "a key of 201 characters is refused", _post(_hook(key="k" * 201)), 400),
    Case("12.7", "an event type of another domain is refused", _post(_hook(events=("pushed",))), 400),
    Case("12.7", "an unknown domain is refused", _post(_hook("weather")), 400),
    Case("12.7", "criteria that select nothing are refused", _post(_hook(criteria={"anyLocal": False})), 400),
    Case("12.7", "a domain with criteria demands them", _post(_hook(criteria=None)), 400),
    Case("12.7", "a handler is demanded", _post(_hook(handlers=[])), 400),
    Case("12.7", "the same key twice is a conflict", _post(_hook()), 409, before=(_post(_hook()),)),
    Case("12.12", "the error code is a text", _post(_hook("weather")), 400, {"errors": [{"code": matching("^[A-Z_]+$")}]}),
    Case("12.7", "only administrators see subscriptions", Call("GET", _API, caller="somebody"), 403),
    Case("12.7", "nobody sees subscriptions without a login", Call("GET", f"{_API}/$id", caller="anonymous"), 401),
)  # fmt: skip
