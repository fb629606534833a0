"""The provider's configuration, and boto3 clients made from it. Every endpoint must be loopback."""

import ipaddress
import json
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from artifactory_sandbox.aws_plugin import sdk
from artifactory_sandbox.aws_plugin.wire import Props

HONOURED = frozenset({
    "accessKey", "secretKey", "token", "region", "endpoints", "defaultTags", "assumeRoles",
    "allowedAccountIds", "forbiddenAccountIds",
})  # fmt: skip
WITHOUT_EFFECT = frozenset({
    "skipCredentialsValidation", "skipMetadataApiCheck", "skipRegionValidation", "skipRequestingAccountId",
    "s3UsePathStyle", "maxRetries", "retryMode",
})  # fmt: skip
"""Accepted: what they ask for is what the stand-in does anyway."""

_BOTO = Config(
    connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 2}, proxies={},
    max_pool_connections=32, parameter_validation=True,
)  # fmt: skip


class Refused(Exception):
    """Asked for something that the stand-in refuses or AWS does not allow. The text is for the user."""


@dataclass(frozen=True)
class Configuration:
    """What a provider was given, validated."""

    region: str | None
    endpoint: str
    endpoints: Mapping[str, str] = field(default_factory=dict)
    """Endpoint by service, for those that differ."""
    default_tags: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[Mapping[str, Any], ...] = ()
    """Assumed one after the other."""
    allowed_accounts: frozenset[str] = frozenset()
    forbidden_accounts: frozenset[str] = frozenset()


def loopback(url: str) -> bool:
    """True if nothing but this machine can be meant: 127.0.0.0/8, ::1 or the name localhost, over HTTP(S)."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or parts.hostname is None:
        return False
    try:
        return ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return parts.hostname == "localhost"


def unknown_keys(config: Props) -> list[str]:
    """Refusals of configuration that the SDK does not know or the stand-in cannot honour, one sentence each."""
    known = sdk.provider_inputs()
    found = []
    for key in config.keys() - HONOURED - WITHOUT_EFFECT - {"version", "pluginDownloadURL", "__internal"}:
        reason = "the sandbox's AWS plugin does not do that" if key in known else "no such setting of aws.Provider"
        found.append(f"{key}: {reason}")
    return sorted(found)


def configure(config: Props, environment: Mapping[str, str] = os.environ) -> Configuration:
    """Reads what the engine sends (nested values are JSON text). Raises `Refused` unless every endpoint is loopback."""
    if refusals := unknown_keys(config):
        raise Refused("; ".join(refusals))
    values = {key: _nested(value) for key, value in config.items()}
    base = environment.get("AWS_ENDPOINT_URL", "")
    if not base:
        raise Refused(
            "AWS_ENDPOINT_URL is not set. This pulumi-resource-aws is the sandbox's stand-in and only talks to the "
            "sandbox's AWS on loopback. Start the sandbox, or take its aws_plugin/bin off PATH for a real account."
        )
    endpoints = {name: url for entry in values.get("endpoints", []) for name, url in entry.items() if url}
    for name, url in {"AWS_ENDPOINT_URL": base, **endpoints}.items():
        if not loopback(url):
            raise Refused(f"{name} is {url}: the sandbox's AWS plugin refuses every endpoint that is not loopback")
    return Configuration(
        region=values.get("region") or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION"),
        endpoint=base,
        endpoints=endpoints,
        default_tags=(values.get("defaultTags") or {}).get("tags") or {},
        credentials={key: values[key] for key in ("accessKey", "secretKey", "token") if values.get(key)},
        roles=tuple(_role(role) for role in values.get("assumeRoles") or ()),
        allowed_accounts=frozenset(map(str, values.get("allowedAccountIds") or ())),
        forbidden_accounts=frozenset(map(str, values.get("forbiddenAccountIds") or ())),
    )


_ROLE = frozenset({"roleArn", "sessionName", "externalId", "duration"})


def _role(declared: Mapping[str, Any]) -> dict[str, Any]:
    """A role under Pulumi's names: the SDK passes the keys of a dictionary as the program wrote them."""
    role = {re.sub(r"_([a-z])", lambda match: match[1].upper(), key): value for key, value in declared.items()}
    if strange := sorted(key for key, value in role.items() if key not in _ROLE and value is not None):
        raise Refused(f"assumeRoles: the sandbox's AWS plugin does not do {', '.join(strange)}")
    if not role.get("roleArn"):
        raise Refused("assumeRoles: roleArn is missing")
    return role


def _nested(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        return json.loads(value)
    return value


class Connection:
    """Clients by service and region, made at first use; so a provider whose resources do not change asks nothing."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self._lock = threading.RLock()
        self._clients: dict[tuple[str, str], Any] = {}
        self._session: boto3.Session | None = None
        self._account: str | None = None

    def client(self, service: str, region: str) -> Any:
        """A client of the provider's account. Raises `Refused` when that account is not an allowed one."""
        with self._lock:  # boto3's session is not safe to make clients from several threads
            if (service, region) not in self._clients:
                self._clients[service, region] = self._make(self._signed_in(region), service, region)
            return self._clients[service, region]

    def account(self, region: str) -> str:
        """The account that calls are made in; asked for once, in `region`."""
        with self._lock:
            self._signed_in(region)
            if self._account is None:
                self._account = str(self.client("sts", region).get_caller_identity()["Account"])
            return self._account

    def _signed_in(self, region: str) -> boto3.Session:
        if self._session is None:
            session = self._base_session()
            for role in self.configuration.roles:
                session = self._assume(session, role, region)
            account = self._check_account(session, region)
            self._session, self._account = session, account
        return self._session

    def _base_session(self) -> boto3.Session:
        given = self.configuration.credentials
        if not given and not os.environ.get("AWS_ACCESS_KEY_ID"):
            given = {"accessKey": "sandbox", "secretKey": "sandbox"}  # never look for a real profile or role
        return boto3.Session(
            aws_access_key_id=given.get("accessKey"),
            aws_secret_access_key=given.get("secretKey"),
            aws_session_token=given.get("token"),
        )

    def _assume(self, session: boto3.Session, role: Mapping[str, Any], region: str) -> boto3.Session:
        request = {"RoleArn": role["roleArn"], "RoleSessionName": role.get("sessionName") or "pulumi"}
        if external := role.get("externalId"):
            request["ExternalId"] = external
        answer = self._make(session, "sts", region).assume_role(**request)["Credentials"]
        return boto3.Session(
            aws_access_key_id=answer["AccessKeyId"],
            aws_secret_access_key=answer["SecretAccessKey"],
            aws_session_token=answer["SessionToken"],
        )

    def _check_account(self, session: boto3.Session, region: str) -> str | None:
        allowed, forbidden = self.configuration.allowed_accounts, self.configuration.forbidden_accounts
        if not allowed and not forbidden:
            return None
        account = str(self._make(session, "sts", region).get_caller_identity()["Account"])
        if (allowed and account not in allowed) or account in forbidden:
            raise Refused(f"AWS account ID not allowed: {account} (allowedAccountIds: {', '.join(sorted(allowed))})")
        return account

    def _make(self, session: boto3.Session, service: str, region: str) -> Any:
        endpoint = self.configuration.endpoints.get(service, self.configuration.endpoint)
        client = session.client(service, region_name=region, endpoint_url=endpoint, config=_BOTO)
        client.meta.events.register("before-call", _note_operation)
        return client


_running = threading.local()
"""The last call of each thread: an answer that botocore cannot parse does not tell whose it is."""


def _note_operation(model: Any, **_: Any) -> None:
    _running.operation = model.name


def not_found(error: BaseException) -> bool:
    """AWS says that the thing, or the thing it belongs to, is gone."""
    if not isinstance(error, ClientError):
        return False
    code = str(error.response.get("Error", {}).get("Code", ""))
    return (
        code == "404"
        or code.startswith("NoSuch")
        or code.endswith(("NotFound", "NotFoundException", "NotFoundFault", "NotFoundError"))
    )


def explain(error: BaseException, region: str) -> str:
    """One sentence for the user."""
    operation = getattr(_running, "operation", "a call")
    if isinstance(error, HTTPClientError | NoConnection):
        return f"AWS does not answer {operation} in {region} (the region is down, or the sandbox has stopped): {error}"
    if isinstance(error, ClientError):
        found = error.response.get("Error", {})
        if str(found.get("Code")) == "500":
            return f"the sandbox's AWS does not support {error.operation_name} as it was called"
        return f"{error.operation_name} answered {found.get('Code')}: {found.get('Message')}"
    if type(error).__name__ == "ResponseParserError":
        return f"the sandbox's AWS does not support {operation} as it was called: it answered with an error page"
    return str(error) or type(error).__name__
