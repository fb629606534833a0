"""Small JSON documents in a site's bucket: the journals of operations."""

import json
from typing import Any

from botocore.exceptions import ClientError

from artifactory_estate.cloud.session import client


def read(bucket: str, key: str, region: str, role: str | None) -> dict[str, Any] | None:
    """The document; None when neither it nor its bucket is there."""
    try:
        answer = client("s3", region=region, role=role).get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"NoSuchKey", "NoSuchBucket"}:
            return None
        raise
    found: dict[str, Any] = json.loads(answer["Body"].read())
    return found


def write(bucket: str, key: str, document: dict[str, Any], region: str, role: str | None) -> None:
    """Replace it, whole."""
    body = json.dumps(document, indent=1, sort_keys=True).encode()
    client("s3", region=region, role=role).put_object(Bucket=bucket, Key=key, Body=body)
