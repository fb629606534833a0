"""`boot/version` in a site's bucket: the newest Artifactory that has run on its database, written by the nodes."""

from botocore.exceptions import ClientError

from artifactory_estate.cloud.session import client

KEY = "boot/version"
_MISSING = {"NoSuchKey", "NoSuchBucket", "404"}


def converted_by(bucket: str, region: str, role: str | None) -> str:
    """`7.111.4`; empty when no node has run yet. 1 request."""
    try:
        answer = client("s3", region=region, role=role).get_object(Bucket=bucket, Key=KEY)
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            return ""
        raise
    return str(answer["Body"].read().decode().strip())


def record_restored(bucket: str, version: str, region: str, role: str | None) -> None:
    """The database is an older one again."""
    client("s3", region=region, role=role).put_object(Bucket=bucket, Key=KEY, Body=version.encode())
