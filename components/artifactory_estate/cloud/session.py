"""boto3 clients, made once a process: by service, region and role."""

import threading
from functools import lru_cache
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import (
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
    create_assume_role_refresher,
)

_lock = threading.Lock()
_locks: dict[tuple[str | None, str | None], threading.Lock] = {}
_CONFIG = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "max_attempts": 4})
_QUICK = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 1, "mode": "standard"})


def client(service: str, region: str | None = None, role: str | None = None, *, quick: bool = False) -> Any:
    """A client for `service`; `role` is assumed first, since the provider process does not inherit the AWS provider's.

    `quick`: one attempt of a few seconds, where a region that may be gone must not hold up the others.
    """
    with _lock:
        lock = _locks.setdefault((role, region), threading.Lock())
    with (
        lock
    ):  # boto3's session is not safe to make clients from several threads; a lock each, or a dead region stops all
        return _client(service, region, role, quick)


@lru_cache(maxsize=256)
def _client(service: str, region: str | None, role: str | None, quick: bool) -> Any:
    return _session(role, region).client(service, region_name=region, config=_QUICK if quick else _CONFIG)


@lru_cache(maxsize=64)
def _session(role: str | None, region: str | None) -> boto3.Session:
    if role is None:
        return boto3.Session(region_name=region)
    session = botocore.session.get_session()
    session.register_component("credential_provider", CredentialResolver([_AssumedRole(role, region)]))
    return boto3.Session(botocore_session=session, region_name=region)


class _AssumedRole(CredentialProvider):  # type: ignore[misc]  # botocore has no types
    """The role's keys, asked for with the first call, and again before they end: a rolling change outlives an hour."""

    METHOD = "assume-role"

    def __init__(self, role: str, region: str | None) -> None:
        super().__init__()
        self._request = {"RoleArn": role, "RoleSessionName": "artifactory-estate", "DurationSeconds": 3600}
        self._sts = boto3.Session(region_name=region).client("sts", region_name=region, config=_QUICK)

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(create_assume_role_refresher(self._sts, self._request), self.METHOD)
