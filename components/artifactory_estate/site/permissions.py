"""What a node may do on AWS: its filestore, its own part of the site's bucket, its secrets, the site's key, its logs."""

import json
from collections.abc import Iterator, Mapping, Sequence

from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.names import ESTATE_TAG, SITE_TAG, SiteNames
from artifactory_estate.site.observability_files import namespace

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
"""EC2 may hand the role to an instance."""


def node_policy(
    names: SiteNames,
    site: ManagedSite,
    filestore_buckets: Sequence[str],
    master_secret: str,
    kms_key: str,
    file_systems: Sequence[str] = (),
) -> str:
    """The role's inline policy. No `filestore_buckets`: binaries are elsewhere; empty `master_secret`: so is the database;
    `file_systems`: ARNs of the EFS that nodes mount."""
    statements = [*_site_bucket(names), *_secrets(names, master_secret), _systems_manager(), _slots(site)]
    statements += [*_key(names, site, kms_key), *_watching(names)]
    if filestore_buckets:
        statements += _filestore(names, filestore_buckets)
        statements += _filestore_keys(names, site)
    if site.nodes.data_volume:
        statements.append(_volumes(names))
    if file_systems:
        mount = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
        over = {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}
        statements.append(_allow("Mount", mount, file_systems, over))
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _allow(
    sid: str, actions: Sequence[str], resources: Sequence[str], condition: Mapping[str, object] | None = None
) -> dict[str, object]:
    statement: dict[str, object] = {"Sid": sid, "Effect": "Allow", "Action": list(actions)}
    return {**statement, "Resource": list(resources), **({"Condition": condition} if condition else {})}


def _key(names: SiteNames, site: ManagedSite, kms_key: str) -> list[dict[str, object]]:
    """Reading and writing what the key encrypts, through S3 and Secrets Manager; never the key itself."""
    use, via = ["kms:Decrypt", "kms:GenerateDataKey"], through(names, "s3", "secretsmanager")
    statements = [_allow("Key", use, [kms_key], {"StringEquals": via})]
    if site.nodes.data_volume:
        grant = {"Bool": {"kms:GrantIsForAWSResource": "true"}, "StringEquals": through(names, "ec2")}
        statements.append(_allow("VolumeKey", ["kms:CreateGrant"], [kms_key], grant))
    return statements


def through(names: SiteNames, *services: str) -> dict[str, object]:
    """The condition that a key is used by `services` of the region, on behalf of who calls them."""
    places = [f"{service}.{names.region}.{_domain(names)}" for service in services]
    return {"kms:ViaService": places if len(places) > 1 else places[0]}


def _volumes(names: SiteNames) -> dict[str, object]:
    """Volumes of the site to instances of the site."""
    both = [names.arn("ec2", f"{what}/*") for what in ("volume", "instance")]
    own = {f"aws:ResourceTag/{ESTATE_TAG}": names.estate, f"aws:ResourceTag/{SITE_TAG}": names.site}
    return _allow("Volumes", ["ec2:AttachVolume"], both, {"StringEquals": own})


def _watching(names: SiteNames) -> list[dict[str, object]]:
    """Logs into the site's group, metrics into the site's namespace."""
    group = names.arn("logs", f"log-group:{names.log_group('nodes')}")
    logs = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    own = {"StringEquals": {"cloudwatch:namespace": namespace(names)}}
    return [
        _allow("Logs", logs, [group, f"{group}:log-stream:*"]),
        # This call has no resource of its own.
        _allow("Metrics", ["cloudwatch:PutMetricData"], ["*"], own),
    ]


def _filestore(names: SiteNames, buckets: Sequence[str]) -> list[dict[str, object]]:
    """JFrog's list (files reference 7.3)."""
    arns = [names.arn("s3", bucket, regional=False) for bucket in buckets]
    on_bucket = ("ListBucket", "ListBucketVersions", "ListBucketMultipartUploads", "GetBucketLocation")
    on_objects = (
        "GetObject", "GetObjectVersion", "PutObject", "DeleteObject", "ListMultipartUploadParts", "AbortMultipartUpload",
    )  # fmt: skip
    return [
        _allow("FilestoreBucket", [f"s3:{action}" for action in on_bucket], arns),
        _allow("FilestoreObjects", [f"s3:{action}" for action in on_objects], [f"{arn}/*" for arn in arns]),
    ]


def _filestore_keys(names: SiteNames, site: ManagedSite) -> Iterator[dict[str, object]]:
    """Keys that the document names for objects: one that S3 uses, and one that Artifactory itself asks for."""
    s3 = site.filestore.s3
    region = s3.kms_key_region or names.region
    via = {"kms:ViaService": f"s3.{names.region}.{_domain(names)}"}
    for sid, key, condition in (
        ("ServerSideKey", s3.server_side_kms_key, via),
        ("ClientSideKey", s3.client_side_kms_key, {}),
    ):
        if key is None:
            continue
        where = f"arn:{names.partition}:kms:{region}:{names.account}"
        arn = key if key.startswith("arn:") else f"{where}:{key if '/' in key else f'key/{key}'}"
        account, _, resource = arn.rpartition(":")
        conditions: dict[str, object] = {"StringEquals": condition} if condition else {}
        if resource.startswith("alias/"):  # no policy names a key by its alias
            arn = f"{account}:key/*"
            conditions["ForAnyValue:StringEquals"] = {"kms:ResourceAliases": resource}
        yield _allow(sid, ["kms:Decrypt", "kms:GenerateDataKey"], [arn], conditions or None)


def _domain(names: SiteNames) -> str:
    return "amazonaws.com.cn" if names.partition == "aws-cn" else "amazonaws.com"


def _site_bucket(names: SiteNames) -> list[dict[str, object]]:
    """Read bundles and packages, hold the boot lock, report; ListBucket, or a missing object would read as forbidden."""
    arn = names.arn("s3", names.site_bucket, regional=False)
    return [
        _allow("SiteBucket", ["s3:ListBucket"], [arn]),
        _allow("SiteRead", ["s3:GetObject"], [f"{arn}/bundles/*", f"{arn}/packages/*"]),
        _allow("SiteBoot", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], [f"{arn}/boot/*"]),
        _allow("SiteReport", ["s3:GetObject", "s3:PutObject"], [f"{arn}/nodes/*"]),
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


def _slots(site: ManagedSite) -> dict[str, object]:
    """Which instances live, and which data volumes are in a node's zone; calls that have no resource of their own."""
    looks = ["DescribeInstances", *(["DescribeVolumes"] if site.nodes.data_volume else [])]
    return _allow("Slots", [f"ec2:{look}" for look in looks], ["*"])


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
