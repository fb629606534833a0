"""What a node may do on AWS: its filestore, its own part of the site's bucket, its secrets, Systems Manager."""

import json
from collections.abc import Sequence

from artifactory_estate.site.names import SiteNames

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
"""EC2 may hand the role to an instance."""


def node_policy(names: SiteNames, filestore_bucket: str, master_secret: str) -> str:
    """The role's inline policy. Empty `filestore_bucket`: binaries are elsewhere; empty `master_secret`: so is the database."""
    statements = [*_site_bucket(names), *_secrets(names, master_secret), _systems_manager()]
    if filestore_bucket:
        statements += _filestore(names, filestore_bucket)
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _allow(sid: str, actions: Sequence[str], resources: Sequence[str]) -> dict[str, object]:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


def _filestore(names: SiteNames, bucket: str) -> list[dict[str, object]]:
    """JFrog's list (files reference 7.3)."""
    arn = names.arn("s3", bucket, regional=False)
    on_bucket = ("ListBucket", "ListBucketVersions", "ListBucketMultipartUploads", "GetBucketLocation")
    on_objects = (
        "GetObject", "GetObjectVersion", "PutObject", "DeleteObject", "ListMultipartUploadParts", "AbortMultipartUpload",
    )  # fmt: skip
    return [
        _allow("FilestoreBucket", [f"s3:{action}" for action in on_bucket], [arn]),
        _allow("FilestoreObjects", [f"s3:{action}" for action in on_objects], [f"{arn}/*"]),
    ]


def _site_bucket(names: SiteNames) -> list[dict[str, object]]:
    """Read bundles and packages, hold the boot lock, report; ListBucket, or a missing object would read as forbidden."""
    arn = names.arn("s3", names.site_bucket, regional=False)
    return [
        _allow("SiteBucket", ["s3:ListBucket"], [arn]),
        _allow("SiteRead", ["s3:GetObject"], [f"{arn}/bundles/*", f"{arn}/packages/*"]),
        _allow("SiteBoot", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], [f"{arn}/boot/*"]),
        _allow("SiteReport", ["s3:PutObject"], [f"{arn}/nodes/*"]),
    ]


def _secrets(names: SiteNames, master_secret: str) -> list[dict[str, object]]:
    own = names.arn("secretsmanager", f"secret:{names.secret_prefix}")
    read = [f"{own}/*", *([master_secret] if master_secret else [])]
    return [
        _allow("SecretsRead", ["secretsmanager:GetSecretValue"], read),
        # This call has no resource of its own; each value also needs GetSecretValue.
        _allow("SecretsBatch", ["secretsmanager:BatchGetSecretValue"], ["*"]),
        _allow("TokenWrite", ["secretsmanager:PutSecretValue"], [f"{own}/admin-token-*"]),
    ]


def _systems_manager() -> dict[str, object]:
    """What the agent needs to take commands and sessions; none of these calls can be narrowed to a resource."""
    actions = [
        "ssm:UpdateInstanceInformation",
        *(f"ssmmessages:{verb}{channel}Channel" for verb in ("Create", "Open") for channel in ("Control", "Data")),
        *(
            f"ec2messages:{action}"
            for action in (
                "AcknowledgeMessage", "DeleteMessage", "FailMessage", "GetEndpoint", "GetMessages", "SendReply",
            )
        ),
    ]  # fmt: skip
    return _allow("SystemsManager", actions, ["*"])
