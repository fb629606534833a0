"""One event to one handler over HTTP: body, signature, templates, proxy (12.7)."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests
import yaml

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

SIGNATURE = "X-JFrog-Event-Auth"
TIMEOUT_S = (2.0, 8.0)
_ACTION = re.compile(r"\{\{-?\s*(?:(json|yaml)\s+)?\.([\w.\-]*)\s*-?\}\}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` 0 when nobody answered."""

    status: int
    said: str = ""

    @property
    def delivered(self) -> bool:
        """Whether the handler took it."""
        return 200 <= self.status < 300

    @property
    def worth_another(self) -> bool:
        """Whether a later attempt may do better."""
        return self.status in {0, 408, 429} or self.status >= 500


def send(platform: "Platform", handler: Mapping[str, Any], event: Mapping[str, Any]) -> Outcome:
    """Calls the handler once."""
    method, headers, body = request_of(handler, event)
    try:
        answer = requests.request(
            method,
            handler["url"],
            data=body,
            headers=headers,
            auth=_as_given,
            timeout=TIMEOUT_S,
            allow_redirects=False,
            stream=True,  # what a handler says besides its status is not read, however long it is
            proxies=proxies_of(platform, handler.get("proxy") or ""),
        )
    except (requests.RequestException, ValueError) as error:
        return Outcome(0, type(error).__name__)
    with answer:
        return Outcome(answer.status_code, answer.reason or "")


def request_of(handler: Mapping[str, Any], event: Mapping[str, Any]) -> tuple[str, dict[str, str], bytes]:
    """Method, headers and body of the call."""
    if handler["handler_type"] == "custom-webhook":
        return _custom(handler, event)
    body = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json"}
    headers |= {one["name"]: one["value"] for one in handler.get("custom_http_headers") or ()}
    if secret := handler.get("secret"):
        signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers[SIGNATURE] = signed if handler.get("use_secret_for_signing") else secret
    return "POST", _latin(headers), body


def _custom(handler: Mapping[str, Any], event: Mapping[str, Any]) -> tuple[str, dict[str, str], bytes]:
    secrets = {one["name"]: one["value"] for one in handler.get("secrets") or ()}
    roots = {**event, "secrets": secrets}
    headers = {one["name"]: rendered(one["value"], roots) for one in handler.get("http_headers") or ()}
    body = rendered(handler.get("payload") or "", roots).encode()
    if body and "content-type" not in {name.lower() for name in headers}:
        headers["Content-Type"] = "application/json"
    return handler.get("method") or "POST", _latin(headers), body


def rendered(template: str, roots: Mapping[str, Any]) -> str:
    """A template with `{{ .data.name }}`, `{{ .secrets.name }}`, `{{ json .data }}` and `{{ yaml .data }}` filled in."""

    def fill(found: re.Match[str]) -> str:
        value: Any = roots
        for step in filter(None, found[2].split(".")):
            value = value.get(step) if isinstance(value, Mapping) else None
        if found[1] == "json":
            return json.dumps(value, ensure_ascii=False)
        if found[1] == "yaml":
            return str(yaml.safe_dump(value, allow_unicode=True, sort_keys=False)).rstrip("\n")
        if value is None:
            return "<no value>"
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    return _ACTION.sub(fill, template)


def proxies_of(platform: "Platform", key: str) -> dict[str, str] | None:
    """The proxy of the descriptor with this key, as the HTTP library wants it; None for the node's own."""
    proxy = (platform.configuration.tree().get("proxies") or {}).get(key)
    if not key or not isinstance(proxy, dict):
        return None
    login = f"{proxy['username']}:{proxy.get('password', '')}@" if proxy.get("username") else ""
    url = f"http://{login}{proxy.get('host', '')}:{proxy.get('port', 3128)}"
    return {"http": url, "https": url}


def _latin(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value.encode("latin-1", "replace").decode("latin-1").strip() for name, value in headers.items()}


def _as_given(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps the headers as they are: no `.netrc`."""
    return request
