"""boto3 clients, made once a process: by service, region and role."""

import threading
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config

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
    base = boto3.Session(region_name=region)
    answer = base.client("sts", region_name=region, config=_QUICK).assume_role(
        RoleArn=role, RoleSessionName="artifactory-estate", DurationSeconds=3600
    )["Credentials"]
    return boto3.Session(
        aws_access_key_id=answer["AccessKeyId"],
        aws_secret_access_key=answer["SecretAccessKey"],
        aws_session_token=answer["SessionToken"],
        region_name=region,
    )
