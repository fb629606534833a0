"""Conditional writes to S3 are decided one at a time: stock moto looks and writes in two steps that other threads come between."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError
from moto.s3.responses import S3Response

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch, expect

_one_at_a_time = threading.RLock()


def apply(hooks: Hooks) -> None:
    """Puts If-Match and If-None-Match writes, and every write that could come between, behind one lock."""
    del hooks
    for name in ("put_object", "delete_object"):
        setattr(S3Response, name, _locked(getattr(S3Response, name)))


def check(aws: Scratch) -> None:
    """Of eight writers of a new key one wins; a stale ETag is refused; a fresh one is taken."""
    s3 = aws.bucket("check-writes")

    def create(body: int) -> bool:
        try:
            s3.put_object(Bucket="check-writes", Key="key", Body=bytes([body]), IfNoneMatch="*")
        except ClientError as error:
            expect(error.response["Error"]["Code"] == "PreconditionFailed", "the loser reads PreconditionFailed")
            return False
        return True

    with ThreadPoolExecutor(8) as writers:
        expect(sum(writers.map(create, range(8))) == 1, "exactly one creator wins")
    etag = s3.head_object(Bucket="check-writes", Key="key")["ETag"]
    s3.put_object(Bucket="check-writes", Key="key", Body=b"next", IfMatch=etag)
    try:
        s3.put_object(Bucket="check-writes", Key="key", Body=b"stale", IfMatch=etag)
    except ClientError as error:
        expect(error.response["Error"]["Code"] == "PreconditionFailed", "a stale ETag is refused")
    else:
        expect(False, "a stale ETag is refused")


def _locked(method: Any) -> Any:
    def one_at_a_time(self: Any, *args: Any, **kwargs: Any) -> Any:
        with _one_at_a_time:
            return method(self, *args, **kwargs)

    return one_at_a_time
