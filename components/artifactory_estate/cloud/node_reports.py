"""What each node's bootstrap said last, from the site's bucket: how one sees from outside why a node does not start."""

import json
from collections.abc import Sequence
from typing import Literal

from botocore.exceptions import ClientError

from artifactory_estate.base import Model
from artifactory_estate.cloud.session import client


class NodeReport(Model):
    """One object `nodes/<instance>.json`."""

    instance: str
    status: Literal["ready", "failed"]
    bundle: str
    """Digest of the bundle that was applied."""
    reason: str
    """Why it failed; empty when it is ready."""


def read_reports(bucket: str, region: str, role: str | None) -> Sequence[NodeReport]:
    """The reports of all nodes of the last 30 days, also of those that are gone; none when there is no bucket."""
    s3 = client("s3", region=region, role=role)
    try:
        listed = s3.list_objects_v2(Bucket=bucket, Prefix="nodes/").get("Contents", [])
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            return ()
        raise
    bodies = (s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read() for item in listed)
    return tuple(NodeReport.from_data(json.loads(body)) for body in bodies)
