"""Secret of Secrets Manager: the container only. Values are never resources of ours: they would be in state."""

from collections.abc import Mapping, Set
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import Call, Name, Row, fields, tag_list, tag_map, words
from artifactory_sandbox.aws_plugin.shape import pascal
from artifactory_sandbox.aws_plugin.wire import Props


def _create(call: Call, props: Props) -> str:
    request: dict[str, Any] = fields("description kmsKeyId").request(props)
    request["Name"] = props.get("name") or f"{props['namePrefix']}{call.unique()}"
    if props["tagsAll"]:
        request["Tags"] = tag_list(props["tagsAll"])
    if replicas := props.get("replicas"):
        request["AddReplicaRegions"] = [pascal(replica) for replica in replicas]
        request["ForceOverwriteReplicaSecret"] = bool(props.get("forceOverwriteReplicaSecret"))
    return str(call.aws("secretsmanager").create_secret(**request)["ARN"])


def _finish(call: Call, id_: str, props: Props) -> None:
    if props.get("policy"):
        call.aws("secretsmanager").put_resource_policy(SecretId=id_, ResourcePolicy=props["policy"])


def _update(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    client = call.aws("secretsmanager")
    if changed & {"description", "kmsKeyId"}:
        description = {"Description": news.get("description") or ""}
        client.update_secret(SecretId=id_, **description, **fields("kmsKeyId").request(news))
    if "policy" in changed and news.get("policy"):
        client.put_resource_policy(SecretId=id_, ResourcePolicy=news["policy"])
    if "replicas" in changed:
        _update_replicas(client, id_, olds, news)


def _update_replicas(client: Any, id_: str, olds: Props, news: Props) -> None:
    before, after = ({each["region"]: each for each in props.get("replicas") or []} for props in (olds, news))
    if gone := sorted(before.keys() - after.keys()):
        client.remove_regions_from_replication(SecretId=id_, RemoveReplicaRegions=gone)
    if added := [pascal(after[region]) for region in sorted(after.keys() - before.keys())]:
        client.replicate_secret_to_regions(SecretId=id_, AddReplicaRegions=added)


def _read(call: Call, id_: str, props: Props) -> Props | None:
    secret = call.aws("secretsmanager").describe_secret(SecretId=id_)
    if secret.get("DeletedDate"):
        return None
    found = fields("name description", arn="ARN").answer(secret) | {
        "kmsKeyId": secret.get("KmsKeyId") or props.get("kmsKeyId"),  # moto does not tell
        "tags": tag_map(secret.get("Tags")),
    }
    if replicas := secret.get("ReplicationStatus"):
        found["replicas"] = [fields("region kmsKeyId status").answer(replica) for replica in replicas]
    return found


def _delete(call: Call, id_: str, props: Props) -> None:
    days = props.get("recoveryWindowInDays", 30)
    how = {"ForceDeleteWithoutRecovery": True} if days == 0 else {"RecoveryWindowInDays": days}
    client = call.aws("secretsmanager")
    if regions := [replica["region"] for replica in props.get("replicas") or []]:
        client.remove_regions_from_replication(SecretId=id_, RemoveReplicaRegions=regions)
    client.delete_secret(SecretId=id_, **how)


def _tag(call: Call, id_: str, props: Props, tags: Mapping[str, str], gone: list[str]) -> None:
    client = call.aws("secretsmanager")
    if gone:
        client.untag_resource(SecretId=id_, TagKeys=gone)
    if tags:
        client.tag_resource(SecretId=id_, Tags=tag_list(tags))


def _recovery_window(props: Props) -> Any:
    if props.get("recoveryWindowInDays") != 0:
        yield from limits.between("recoveryWindowInDays", 7, 30)(props)


ROWS = (
    Row(
        "aws:secretsmanager/secret:Secret",
        inputs=words(
            "name namePrefix description kmsKeyId policy recoveryWindowInDays replicas forceOverwriteReplicaSecret tags"
        ),
        create=_create, finish=_finish, read=_read, update=_update, delete=_delete, tag=_tag,
        replaces=words("name namePrefix"),
        undeclared={"recoveryWindowInDays": 30},
        local=words("recoveryWindowInDays forceOverwriteReplicaSecret"),
        name=Name(longest=512),
        limits=(limits.name("name", 512, r"[A-Za-z0-9/_+=.@-]+", "letters, digits and / _ + = . @ -"), _recovery_window),
    ),
)  # fmt: skip
