"""BucketObjectv2: one object, from text, base64 or a file."""

import base64
from collections.abc import Iterable, Mapping, Set
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.connection import Refused
from artifactory_sandbox.aws_plugin.rows import Call, Problem, Row, fields, tag_list, tag_map, words
from artifactory_sandbox.aws_plugin.wire import Props

_HEADERS = fields(
    "cacheControl contentDisposition contentEncoding contentLanguage contentType metadata serverSideEncryption "
    "storageClass",
    kmsKeyId="SSEKMSKeyId", bucketKeyEnabled="BucketKeyEnabled",
)  # fmt: skip
_BODY = words("content contentBase64 source")


def _body(props: Props) -> bytes:
    if (text := props.get("content")) is not None:
        return str(text).encode()
    if (encoded := props.get("contentBase64")) is not None:
        return base64.b64decode(encoded)
    source = props.get("source")
    if isinstance(source, Mapping):
        if (text := source.get("text")) is not None:
            return str(text).encode()
        source = source.get("path")
    if not isinstance(source, str):
        raise Refused("source must be a file or text asset on this machine")
    return Path(source).read_bytes()


def _put(call: Call, props: Props) -> None:
    headers = _HEADERS.request(props)
    if "Metadata" in headers:
        headers["Metadata"] = props["metadata"]
    if props.get("tagsAll"):
        headers["Tagging"] = urlencode(props["tagsAll"])
    call.aws("s3").put_object(Bucket=props["bucket"], Key=props["key"], Body=_body(props), **headers)


def _create(call: Call, props: Props) -> str:
    _put(call, props)
    return f"{props['bucket']}/{props['key']}"


def _update(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    _put(call, news)


def _read(call: Call, id_: str, props: Props) -> Props | None:
    bucket, _, key = id_.partition("/")
    client = call.aws("s3")
    head = client.head_object(Bucket=bucket, Key=key)
    found = {name: value for name, value in _HEADERS.answer(head).items() if value is not None}
    return found | {
        "arn": f"arn:{call.partition}:s3:::{bucket}/{key}",
        "bucket": bucket,
        "key": key,
        "contentType": head.get("ContentType"),
        "etag": head["ETag"].strip('"'),
        "metadata": head.get("Metadata") or None,
        "serverSideEncryption": head.get("ServerSideEncryption") or "AES256",
        "storageClass": head.get("StorageClass") or "STANDARD",
        "versionId": head.get("VersionId") or "",
        "tags": tag_map(client.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]),
    }


def _tag(call: Call, id_: str, props: Props, tags: Mapping[str, str], gone: list[str]) -> None:
    bucket, _, key = id_.partition("/")
    call.aws("s3").put_object_tagging(Bucket=bucket, Key=key, Tagging={"TagSet": tag_list(tags)})


def _delete(call: Call, id_: str, props: Props) -> None:
    """All versions, as the real plugin does: an object that it made leaves nothing."""
    bucket, _, key = id_.partition("/")
    client: Any = call.aws("s3")
    page = client.list_object_versions(Bucket=bucket, Prefix=key)
    for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
        if each["Key"] == key:
            client.delete_object(Bucket=bucket, Key=key, VersionId=each["VersionId"])


def _one_body(props: Props) -> Iterable[Problem]:
    if len(_BODY & props.keys()) > 1:
        yield "content", "only one of content, contentBase64 and source can be given"


def _few_tags(props: Props) -> Iterable[Problem]:
    yield from limits.tags(props.get("tags"), most=10)


ROWS = (
    Row(
        "aws:s3/bucketObjectv2:BucketObjectv2",
        inputs=_HEADERS.names | _BODY | words("bucket key tags sourceHash forceDestroy etag"),
        create=_create, read=_read, update=_update, delete=_delete, tag=_tag,
        replaces=words("bucket key"),
        local=words("forceDestroy"),
        moves={"versionId": _BODY | {"sourceHash", "etag"}, "etag": _BODY | {"sourceHash"}},
        limits=(
            limits.name("key", 1024, r"(?s:.*)", "at most 1024 characters"), _one_body, _few_tags,
        ),
    ),
)  # fmt: skip
