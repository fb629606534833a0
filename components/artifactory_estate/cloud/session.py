"""boto3 clients, made once a process: by service, region and role."""

import threading
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config

_lock = threading.Lock()
_CONFIG = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "max_attempts": 4})


def client(service: str, region: str | None = None, role: str | None = None) -> Any:
    """A client for `service`; `role` is assumed first, since the provider process does not inherit the AWS provider's."""
    with _lock:  # boto3's session is not safe to make clients from several threads
        return _client(service, region, role)


@lru_cache(maxsize=256)
def _client(service: str, region: str | None, role: str | None) -> Any:
    return _session(role, region).client(service, region_name=region, config=_CONFIG)


@lru_cache(maxsize=64)
def _session(role: str | None, region: str | None) -> boto3.Session:
    if role is None:
        return boto3.Session(region_name=region)
    base = boto3.Session(region_name=region)
    answer = base.client("sts", region_name=region, config=_CONFIG).assume_role(
        RoleArn=role, RoleSessionName="artifactory-estate", DurationSeconds=3600
    )["Credentials"]
    return boto3.Session(
        aws_access_key_id=answer["AccessKeyId"],
        aws_secret_access_key=answer["SecretAccessKey"],
        aws_session_token=answer["SessionToken"],
        region_name=region,
    )
