"""Licence buckets of Mission Control (REST reference 7.2): keys are handed out under a label, and taken back by it."""

from urllib.parse import quote

from artifactory_estate.rest.errors import BadAnswer
from artifactory_estate.rest.transport import Platform


def acquire(platform: Platform, bucket: str, label: str) -> str:
    """One licence of the bucket, for `label`. Repeating it hands out another one. Raises `NotThere` for no such bucket."""
    path = f"{_path(bucket)}/acquire"
    answer = platform.request("POST", path, body={"name": label, "license_count": 1})
    found = platform.json_of(answer)
    keys = found.get("license_keys") if isinstance(found, dict) else None
    if not isinstance(keys, list) or len(keys) != 1 or not isinstance(keys[0], str):
        raise BadAnswer(platform.site, f"POST {path}", "answered without a licence key")
    return str(keys[0]).strip()


def release(platform: Platform, bucket: str, label: str) -> None:
    """Every licence that `label` has goes back; none is success."""
    platform.request("POST", f"{_path(bucket)}/release", body={"name": label}, repeatable=True, accept=(404, 409))


def _path(bucket: str) -> str:
    return f"/mc/api/v1/buckets/{quote(bucket, safe='')}"
