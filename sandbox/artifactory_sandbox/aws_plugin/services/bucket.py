"""Bucket of S3. Its settings are resource types of their own, in `bucket_settings`."""

from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.connection import not_found
from artifactory_sandbox.aws_plugin.rows import Call, Name, Row, tag_list, tag_map, words
from artifactory_sandbox.aws_plugin.wire import Props

_ZONE_IDS = {
    "us-east-1": "Z3AQBSTGFYJSTF", "us-east-2": "Z2O1EMRO9K5GLX", "us-west-1": "Z2F56UZL2M1ACD",
    "us-west-2": "Z3BJ6K6RIION7M", "eu-west-1": "Z1BKCTXD74EZPE", "eu-central-1": "Z21DNDUVLTQW6Q",
}  # fmt: skip


def _create(call: Call, props: Props) -> str:
    name = props.get("bucket") or f"{props['bucketPrefix']}{call.unique()}"
    request: dict[str, Any] = {"Bucket": name}
    if call.region != "us-east-1":
        request["CreateBucketConfiguration"] = {"LocationConstraint": call.region}
    if props.get("objectLockEnabled"):
        request["ObjectLockEnabledForBucket"] = True
    call.aws("s3").create_bucket(**request)
    return str(name)


def _finish(call: Call, id_: str, props: Props) -> None:
    if props["tagsAll"]:
        _tag(call, id_, props, props["tagsAll"], [])


def _tag(call: Call, id_: str, props: Props, tags: Mapping[str, str], gone: list[str]) -> None:
    if tags:
        call.aws("s3").put_bucket_tagging(Bucket=id_, Tagging={"TagSet": tag_list(tags)})
    else:
        call.aws("s3").delete_bucket_tagging(Bucket=id_)


def _read(call: Call, id_: str, props: Props) -> Props | None:
    client = call.aws("s3")
    client.head_bucket(Bucket=id_)
    return {
        "arn": f"arn:{call.partition}:s3:::{id_}",
        "bucket": id_,
        "bucketDomainName": f"{id_}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{id_}.s3.{call.region}.amazonaws.com",
        "bucketRegion": call.region,
        "hostedZoneId": _ZONE_IDS.get(call.region, "Z3AQBSTGFYJSTF"),
        "requestPayer": "BucketOwner",
        "tags": _tags_of(client, id_),
    }


def _tags_of(client: Any, bucket: str) -> dict[str, str]:
    try:
        return tag_map(client.get_bucket_tagging(Bucket=bucket)["TagSet"])
    except client.exceptions.ClientError as error:
        if not_found(error):  # no tags at all are an error of their own
            return {}
        raise


def _delete(call: Call, id_: str, props: Props) -> None:
    if props.get("forceDestroy"):
        _empty(call.aws("s3"), id_)
    call.aws("s3").delete_bucket(Bucket=id_)


def _empty(client: Any, bucket: str) -> None:
    """Every object, version, delete marker and unfinished upload."""
    while True:
        page = client.list_object_versions(Bucket=bucket, MaxKeys=1000)
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if not found:
            break
        objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
        client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
    for upload in client.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
        client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])


ROWS = (
    Row(
        "aws:s3/bucket:Bucket",
        inputs=words("bucket bucketPrefix forceDestroy objectLockEnabled tags"),
        create=_create, finish=_finish, read=_read, delete=_delete, tag=_tag,
        replaces=words("bucket bucketPrefix objectLockEnabled"),
        local=words("forceDestroy"),
        name=Name("bucket", "bucketPrefix", lower=True, longest=63),
        limits=(limits.bucket_name,),
    ),
)  # fmt: skip
