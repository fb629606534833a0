"""The settings of a bucket that are types of their own: versioning, encryption, access, ownership, policy, lifecycle, replication."""

from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import Call, Limit, Problem, Row, fields, ignore_gone, words
from artifactory_sandbox.aws_plugin.shape import camel, pascal
from artifactory_sandbox.aws_plugin.wire import Props

Put = Callable[[Call, str, Props], Any]
Get = Callable[[Call, str, Props], Props | None]
Remove = Callable[[Call, str], Any]


def _setting(
    tokens: Iterable[str],
    inputs: str,
    put: Put,
    get: Get,
    remove: Remove,
    local: str = "",
    checks: Iterable[Limit] = (),
) -> list[Row]:
    """Rows of a setting that is written whole, and has the bucket's name as id. One row a token: some have an old name."""

    def create(call: Call, props: Props) -> str:
        put(call, props["bucket"], props)
        return str(props["bucket"])

    def read(call: Call, id_: str, props: Props) -> Props | None:
        found = get(call, id_, props)
        return None if found is None else found | {"bucket": id_}

    def update(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
        put(call, id_, news)

    def delete(call: Call, id_: str, props: Props) -> None:
        ignore_gone(lambda: remove(call, id_))

    return [
        Row(
            token, inputs=words(inputs) | {"bucket"} | words(local), create=create, read=read, update=update,
            delete=delete, replaces=words("bucket"), local=words(local), limits=tuple(checks),
        )
        for token in tokens
    ]  # fmt: skip


def _names(name: str, *, old: bool) -> tuple[str, ...]:
    """The token of a setting, and of its old name that pulumi_aws 7 keeps."""
    tokens = [f"aws:s3/bucket{name}:Bucket{name}"]
    return (*tokens, *([f"aws:s3/bucket{name}V2:Bucket{name}V2"] if old else []))


# Versioning -----------------------------------------------------------------------------------------------------------


def _put_versioning(call: Call, bucket: str, props: Props) -> None:
    configuration = props["versioningConfiguration"]
    if configuration["status"] == "Disabled":
        return  # the state of a bucket that never had versions; AWS has no call for it
    call.aws("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": configuration["status"]})


def _get_versioning(call: Call, bucket: str, props: Props) -> Props | None:
    status = call.aws("s3").get_bucket_versioning(Bucket=bucket).get("Status")
    declared = (props.get("versioningConfiguration") or {}).get("status")
    if status is None and declared != "Disabled":
        return None
    return {"versioningConfiguration": {"status": status or "Disabled"}}


def _suspend(call: Call, bucket: str) -> None:
    if call.aws("s3").get_bucket_versioning(Bucket=bucket).get("Status"):
        call.aws("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


def _versioning_status(props: Props) -> Iterable[Problem]:
    configuration = props.get("versioningConfiguration")
    if isinstance(configuration, Mapping):
        for _, reason in limits.one_of("status", "Enabled", "Suspended", "Disabled")(dict(configuration)):
            yield "versioningConfiguration.status", reason


# Encryption -----------------------------------------------------------------------------------------------------------

_KMS = {"kmsMasterKeyId": "KMSMasterKeyID", "sseAlgorithm": "SSEAlgorithm"}


def _put_encryption(call: Call, bucket: str, props: Props) -> None:
    rules = {"Rules": pascal(props["rules"], _KMS)}
    call.aws("s3").put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)


def _get_encryption(call: Call, bucket: str, props: Props) -> Props | None:
    answer = call.aws("s3").get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    return {"rules": camel(answer["Rules"], _KMS)}


# Public access, ownership, policy -------------------------------------------------------------------------------------

_BLOCK = fields("blockPublicAcls blockPublicPolicy ignorePublicAcls restrictPublicBuckets")


def _put_block(call: Call, bucket: str, props: Props) -> None:
    wanted = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), False)
    call.aws("s3").put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=wanted | _BLOCK.request(props))


def _get_block(call: Call, bucket: str, props: Props) -> Props | None:
    return _BLOCK.answer(call.aws("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"])


def _put_ownership(call: Call, bucket: str, props: Props) -> None:
    controls = {"Rules": [{"ObjectOwnership": props["rule"]["objectOwnership"]}]}
    call.aws("s3").put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=controls)


def _get_ownership(call: Call, bucket: str, props: Props) -> Props | None:
    answer = call.aws("s3").get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
    return {"rule": camel(answer["Rules"][0])}


def _put_policy(call: Call, bucket: str, props: Props) -> None:
    call.aws("s3").put_bucket_policy(Bucket=bucket, Policy=props["policy"])


def _get_policy(call: Call, bucket: str, props: Props) -> Props | None:
    return {"policy": call.aws("s3").get_bucket_policy(Bucket=bucket)["Policy"]}


def _policy_size(props: Props) -> Iterable[Problem]:
    policy = props.get("policy")
    if isinstance(policy, str) and len(policy.encode()) > 20 * 1024:
        yield "policy", f"has {len(policy.encode())} bytes; S3 takes 20 KB"


# Lifecycle ------------------------------------------------------------------------------------------------------------

_LIFECYCLE = {"id": "ID", "newerNoncurrentVersions": "NewerNoncurrentVersions"}


def _lifecycle_rule(rule: Props) -> dict[str, Any]:
    request = pascal(rule, _LIFECYCLE)
    if not request.get("Prefix"):
        request.pop("Prefix", None)
        request.setdefault("Filter", {"Prefix": ""})
    tag = (rule.get("filter") or {}).get("tag")
    if tag:
        request["Filter"]["Tag"] = {"Key": tag["key"], "Value": tag["value"]}
    return dict(request)


def _put_lifecycle(call: Call, bucket: str, props: Props) -> None:
    rules = {"Rules": [_lifecycle_rule(rule) for rule in props["rules"]]}
    call.aws("s3").put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=rules)


def _get_lifecycle(call: Call, bucket: str, props: Props) -> Props | None:
    rules = camel(call.aws("s3").get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"], _LIFECYCLE)
    declared = {rule.get("id"): rule for rule in props.get("rules") or []}
    for rule in rules:  # moto loses how many noncurrent versions to keep
        wanted = (declared.get(rule.get("id")) or {}).get("noncurrentVersionExpiration") or {}
        if "noncurrentVersionExpiration" in rule and "newerNoncurrentVersions" in wanted:
            kept = wanted["newerNoncurrentVersions"]
            rule["noncurrentVersionExpiration"].setdefault("newerNoncurrentVersions", kept)
    return {"rules": rules}


# Replication ----------------------------------------------------------------------------------------------------------

_REPLICATION = {"id": "ID", "replicaKmsKeyId": "ReplicaKmsKeyID"}


def _replication_rule(rule: Props) -> dict[str, Any]:
    request = dict(pascal(rule, _REPLICATION))
    if "filter" in rule or rule.get("priority") is not None:
        request.setdefault("Filter", {"Prefix": ""})
        request.setdefault("DeleteMarkerReplication", {"Status": "Disabled"})
    return request


def _put_replication(call: Call, bucket: str, props: Props) -> None:
    rules = [_replication_rule(rule) for rule in props["rules"]]
    configuration = {"Role": props["role"], "Rules": rules}
    extra = {"Token": props["token"]} if props.get("token") else {}
    call.aws("s3").put_bucket_replication(Bucket=bucket, ReplicationConfiguration=configuration, **extra)


def _get_replication(call: Call, bucket: str, props: Props) -> Props | None:
    """moto answers constants for several parts of a rule: what is declared is only checked where it answers truly."""
    answer = call.aws("s3").get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]
    declared = {rule.get("id"): rule for rule in props.get("rules") or []}
    rules = []
    for rule in camel(answer["Rules"], _REPLICATION):
        true = {key: rule[key] for key in ("id", "status", "priority", "destination") if key in rule}
        rules.append({**rule, **declared.get(rule.get("id"), {}), **true} if declared else rule)
    return {"role": answer["Role"], "rules": rules}


ROWS = (
    *_setting(
        _names("Versioning", old=True), "versioningConfiguration expectedBucketOwner mfa",
        _put_versioning, _get_versioning, _suspend, checks=(_versioning_status,),
    ),
    *_setting(
        _names("ServerSideEncryptionConfiguration", old=True), "rules expectedBucketOwner",
        _put_encryption, _get_encryption, lambda call, bucket: call.aws("s3").delete_bucket_encryption(Bucket=bucket),
    ),
    *_setting(
        _names("PublicAccessBlock", old=False), " ".join(_BLOCK.names), _put_block, _get_block,
        lambda call, bucket: call.aws("s3").delete_public_access_block(Bucket=bucket),
    ),
    *_setting(
        _names("OwnershipControls", old=False), "rule", _put_ownership, _get_ownership,
        lambda call, bucket: call.aws("s3").delete_bucket_ownership_controls(Bucket=bucket),
    ),
    *_setting(
        _names("Policy", old=False), "policy", _put_policy, _get_policy,
        lambda call, bucket: call.aws("s3").delete_bucket_policy(Bucket=bucket), checks=(_policy_size,),
    ),
    *_setting(
        _names("LifecycleConfiguration", old=True), "rules expectedBucketOwner", _put_lifecycle, _get_lifecycle,
        lambda call, bucket: call.aws("s3").delete_bucket_lifecycle(Bucket=bucket),
    ),
    *_setting(
        _names("ReplicationConfig", old=False), "role rules token", _put_replication, _get_replication,
        lambda call, bucket: call.aws("s3").delete_bucket_replication(Bucket=bucket),
    ),
)  # fmt: skip
