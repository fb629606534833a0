"""A policy that denies plain HTTP does not deny the sandbox's calls: loopback stands for TLS. Stock moto ignores conditions.

Nor are objects denied for the encryption that they ask for: the sandbox does not look.
"""

import json
from typing import Any

from botocore.exceptions import ClientError
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch, expect

_TRANSPORT = {"aws:securetransport", "s3:tlsversion", "s3:x-amz-server-side-encryption"}


def apply(hooks: Hooks) -> None:
    """Leaves out statements whose only conditions are about the transport."""
    del hooks

    def get_permission(self: Any, action: str, resource: str) -> Any:
        if self.policy is None:
            return PermissionResult.NEUTRAL
        policy = json.loads(self.policy)
        statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
        policy["Statement"] = [row for row in statements if not _is_about_transport(row)]
        return IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)

    FakeBucket.get_permission = get_permission


def check(aws: Scratch) -> None:
    """The TLS-only policy lets an object be written; an unconditional deny still denies."""
    s3 = aws.bucket("check-policy")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::check-policy/*"}
    transport = {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    s3.put_bucket_policy(Bucket="check-policy", Policy=json.dumps({"Version": "2012-10-17", "Statement": [transport]}))
    s3.put_object(Bucket="check-policy", Key="key", Body=b"1")
    s3.put_bucket_policy(Bucket="check-policy", Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    try:
        s3.put_object(Bucket="check-policy", Key="key", Body=b"2")
    except ClientError as error:
        expect(error.response["ResponseMetadata"]["HTTPStatusCode"] == 403, "a deny answers 403")
    else:
        expect(False, "an unconditional deny denies")


def _is_about_transport(statement: dict[str, Any]) -> bool:
    keys = {key.lower() for operator in statement.get("Condition", {}).values() for key in operator}
    return bool(keys) and keys <= _TRANSPORT
