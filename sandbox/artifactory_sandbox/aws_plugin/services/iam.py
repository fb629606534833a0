"""Role, Policy, RolePolicy, RolePolicyAttachment and InstanceProfile of IAM."""

import json
from collections.abc import Iterable, Mapping, Set
from functools import partial
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import (
    Call,
    Limit,
    Name,
    Problem,
    Row,
    Tagger,
    fields,
    ignore_gone,
    tag_list,
    tag_map,
    words,
)
from artifactory_sandbox.aws_plugin.wire import Props


def _name(longest: int) -> Limit:
    return limits.name("name", longest, r"[\w+=,.@-]+", "letters, digits and + = , . @ _ -")


def _document(key: str, most: int) -> Limit:
    """A JSON document of limited size; IAM does not count white space."""

    def check(props: Props) -> Iterable[Problem]:
        value = props.get(key)
        if not isinstance(value, str):
            return
        try:
            json.loads(value)
        except ValueError as error:
            yield key, f"is not JSON: {error}"
            return
        if (size := len("".join(value.split()))) > most:
            yield key, f"has {size} characters; IAM takes {most}"

    return check


def _tagger(kind: str, parameter: str) -> Tagger:
    """Tags of an IAM thing: `tag_<kind>(<parameter>=…)`."""

    def tag(call: Call, id_: str, props: Props, tags: Mapping[str, str], gone: list[str]) -> None:
        client = call.aws("iam")
        if gone:
            getattr(client, f"untag_{kind}")(**{parameter: id_}, TagKeys=gone)
        if tags:
            getattr(client, f"tag_{kind}")(**{parameter: id_}, Tags=tag_list(tags))

    return tag


# Role -----------------------------------------------------------------------------------------------------------------

_ROLE = fields("path description maxSessionDuration permissionsBoundary")


def _create_role(call: Call, props: Props) -> str:
    name = props.get("name") or f"{props['namePrefix']}{call.unique()}"
    call.aws("iam").create_role(
        RoleName=name,
        AssumeRolePolicyDocument=props["assumeRolePolicy"],
        Tags=tag_list(props["tagsAll"]),
        **_ROLE.request(props),
    )
    return str(name)


def _finish_role(call: Call, id_: str, props: Props) -> None:
    for policy in props.get("inlinePolicies") or []:
        call.aws("iam").put_role_policy(RoleName=id_, PolicyName=policy["name"], PolicyDocument=policy["policy"])
    for arn in props.get("managedPolicyArns") or []:
        call.aws("iam").attach_role_policy(RoleName=id_, PolicyArn=arn)


def _update_role(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    client = call.aws("iam")
    if "assumeRolePolicy" in changed:
        client.update_assume_role_policy(RoleName=id_, PolicyDocument=news["assumeRolePolicy"])
    if changed & {"description", "maxSessionDuration"}:
        client.update_role(RoleName=id_, **fields("description maxSessionDuration").request(news))
    if "permissionsBoundary" in changed and news.get("permissionsBoundary"):
        client.put_role_permissions_boundary(RoleName=id_, PermissionsBoundary=news["permissionsBoundary"])
    elif "permissionsBoundary" in changed:
        ignore_gone(lambda: client.delete_role_permissions_boundary(RoleName=id_))
    if changed & {"inlinePolicies", "managedPolicyArns"}:
        _detach_gone(client, id_, olds, news)
        _finish_role(call, id_, news)


def _detach_gone(client: Any, role: str, olds: Props, news: Props) -> None:
    kept = {policy["name"] for policy in news.get("inlinePolicies") or []}
    for policy in olds.get("inlinePolicies") or []:
        if policy["name"] not in kept:
            ignore_gone(partial(client.delete_role_policy, RoleName=role, PolicyName=policy["name"]))
    for arn in set(olds.get("managedPolicyArns") or ()) - set(news.get("managedPolicyArns") or ()):
        ignore_gone(partial(client.detach_role_policy, RoleName=role, PolicyArn=arn))


def _read_role(call: Call, id_: str, props: Props) -> Props | None:
    client = call.aws("iam")
    role = client.get_role(RoleName=id_)["Role"]
    found = fields("arn path description maxSessionDuration", name="RoleName", uniqueId="RoleId").answer(role) | {
        "assumeRolePolicy": json.dumps(role["AssumeRolePolicyDocument"]),
        "createDate": role["CreateDate"].isoformat(),
        "permissionsBoundary": (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn"),
        "tags": tag_map(role.get("Tags")),
    }
    if props.get("managedPolicyArns"):  # attachments of their own type are not this resource's
        attached = client.list_attached_role_policies(RoleName=id_)["AttachedPolicies"]
        found["managedPolicyArns"] = [policy["PolicyArn"] for policy in attached]
    if props.get("inlinePolicies"):
        names = client.list_role_policies(RoleName=id_)["PolicyNames"]
        found["inlinePolicies"] = [{"name": name, "policy": _role_policy(client, id_, name)} for name in names]
    return found


def _role_policy(client: Any, role: str, name: str) -> str:
    return json.dumps(client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])


def _delete_role(call: Call, id_: str, props: Props) -> None:
    client = call.aws("iam")
    _detach_gone(client, id_, props, {})
    if props.get("forceDetachPolicies"):
        for policy in client.list_attached_role_policies(RoleName=id_)["AttachedPolicies"]:
            client.detach_role_policy(RoleName=id_, PolicyArn=policy["PolicyArn"])
        for name in client.list_role_policies(RoleName=id_)["PolicyNames"]:
            client.delete_role_policy(RoleName=id_, PolicyName=name)
    client.delete_role(RoleName=id_)


ROLE = Row(
    "aws:iam/role:Role",
    inputs=_ROLE.names
    | words("name namePrefix assumeRolePolicy inlinePolicies managedPolicyArns forceDetachPolicies tags"),
    create=_create_role, finish=_finish_role, read=_read_role, update=_update_role, delete=_delete_role,
    tag=_tagger("role", "RoleName"),
    replaces=words("name namePrefix path"), local=words("forceDetachPolicies"),
    undeclared={"path": "/", "description": "", "maxSessionDuration": 3600},
    name=Name(longest=64),
    limits=(
        _name(64), _document("assumeRolePolicy", 2048), limits.between("maxSessionDuration", 3600, 43200),
        limits.name("description", 1000, r"[^\x00]*", "at most 1000 characters", 0),
    ),
)  # fmt: skip

# Policy ---------------------------------------------------------------------------------------------------------------


def _create_policy(call: Call, props: Props) -> str:
    answer = call.aws("iam").create_policy(
        PolicyName=props.get("name") or f"{props['namePrefix']}{call.unique()}",
        PolicyDocument=props["policy"],
        Tags=tag_list(props["tagsAll"]),
        **fields("path description").request(props),
    )
    return str(answer["Policy"]["Arn"])


def _update_policy(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    client = call.aws("iam")
    versions = client.list_policy_versions(PolicyArn=id_)["Versions"]
    if len(versions) >= 5:  # AWS keeps five
        oldest = min((each for each in versions if not each["IsDefaultVersion"]), key=lambda each: each["CreateDate"])
        client.delete_policy_version(PolicyArn=id_, VersionId=oldest["VersionId"])
    client.create_policy_version(PolicyArn=id_, PolicyDocument=news["policy"], SetAsDefault=True)


def _read_policy(call: Call, id_: str, props: Props) -> Props | None:
    client = call.aws("iam")
    policy = client.get_policy(PolicyArn=id_)["Policy"]
    version = client.get_policy_version(PolicyArn=id_, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
    return fields("arn path description policyId", name="PolicyName").answer(policy) | {
        "policy": json.dumps(version["Document"]),
        "tags": tag_map(policy.get("Tags")),
    }


def _delete_policy(call: Call, id_: str, props: Props) -> None:
    client = call.aws("iam")
    for version in client.list_policy_versions(PolicyArn=id_)["Versions"]:
        if not version["IsDefaultVersion"]:
            client.delete_policy_version(PolicyArn=id_, VersionId=version["VersionId"])
    client.delete_policy(PolicyArn=id_)


POLICY = Row(
    "aws:iam/policy:Policy",
    inputs=words("name namePrefix policy path description tags"),
    create=_create_policy, read=_read_policy, update=_update_policy, delete=_delete_policy,
    tag=_tagger("policy", "PolicyArn"),
    replaces=words("name namePrefix path description"),
    undeclared={"path": "/"},
    name=Name(longest=128),
    limits=(_name(128), _document("policy", 6144)),
)  # fmt: skip

# RolePolicy, RolePolicyAttachment -------------------------------------------------------------------------------------


def _put_role_policy(call: Call, role: str, name: str, policy: Any) -> None:
    call.aws("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=policy)


def _create_role_policy(call: Call, props: Props) -> str:
    name = props.get("name") or f"{props['namePrefix']}{call.unique()}"
    _put_role_policy(call, props["role"], name, props["policy"])
    return f"{props['role']}:{name}"


def _update_role_policy(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    role, _, name = id_.partition(":")
    _put_role_policy(call, role, name, news["policy"])


def _read_role_policy(call: Call, id_: str, props: Props) -> Props | None:
    role, _, name = id_.partition(":")
    return {"role": role, "name": name, "policy": _role_policy(call.aws("iam"), role, name)}


def _delete_role_policy(call: Call, id_: str, props: Props) -> None:
    role, _, name = id_.partition(":")
    call.aws("iam").delete_role_policy(RoleName=role, PolicyName=name)


ROLE_POLICY = Row(
    "aws:iam/rolePolicy:RolePolicy",
    inputs=words("name namePrefix role policy"),
    create=_create_role_policy, read=_read_role_policy, update=_update_role_policy, delete=_delete_role_policy,
    replaces=words("name namePrefix role"),
    name=Name(longest=128),
    limits=(_name(128), _document("policy", 10240)),
)  # fmt: skip


def _attach(call: Call, props: Props) -> str:
    call.aws("iam").attach_role_policy(RoleName=props["role"], PolicyArn=props["policyArn"])
    return f"{props['role']}/{props['policyArn']}"


def _read_attachment(call: Call, id_: str, props: Props) -> Props | None:
    role, _, arn = id_.partition("/")
    attached = call.aws("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    return {"role": role, "policyArn": arn} if arn in {policy["PolicyArn"] for policy in attached} else None


def _detach(call: Call, id_: str, props: Props) -> None:
    call.aws("iam").detach_role_policy(RoleName=props["role"], PolicyArn=props["policyArn"])


ATTACHMENT = Row(
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    inputs=words("role policyArn"),
    create=_attach, read=_read_attachment, delete=_detach,
    replaces=words("role policyArn"),
)  # fmt: skip

# InstanceProfile ------------------------------------------------------------------------------------------------------


def _create_profile(call: Call, props: Props) -> str:
    name = props.get("name") or f"{props['namePrefix']}{call.unique()}"
    call.aws("iam").create_instance_profile(
        InstanceProfileName=name, Path=props.get("path") or "/", Tags=tag_list(props["tagsAll"])
    )
    return str(name)


def _finish_profile(call: Call, id_: str, props: Props) -> None:
    if role := props.get("role"):
        call.aws("iam").add_role_to_instance_profile(InstanceProfileName=id_, RoleName=role)


def _update_profile(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    if "role" in changed:
        _remove_roles(call, id_)
        _finish_profile(call, id_, news)


def _remove_roles(call: Call, name: str) -> None:
    client = call.aws("iam")
    for role in client.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]["Roles"]:
        client.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role["RoleName"])


def _read_profile(call: Call, id_: str, props: Props) -> Props | None:
    profile = call.aws("iam").get_instance_profile(InstanceProfileName=id_)["InstanceProfile"]
    return fields("arn path", name="InstanceProfileName", uniqueId="InstanceProfileId").answer(profile) | {
        "role": profile["Roles"][0]["RoleName"] if profile["Roles"] else None,
        "createDate": profile["CreateDate"].isoformat(),
        "tags": tag_map(profile.get("Tags")),
    }


def _delete_profile(call: Call, id_: str, props: Props) -> None:
    _remove_roles(call, id_)
    call.aws("iam").delete_instance_profile(InstanceProfileName=id_)


PROFILE = Row(
    "aws:iam/instanceProfile:InstanceProfile",
    inputs=words("name namePrefix path role tags"),
    create=_create_profile, finish=_finish_profile, read=_read_profile, update=_update_profile, delete=_delete_profile,
    tag=_tagger("instance_profile", "InstanceProfileName"),
    replaces=words("name namePrefix path"),
    undeclared={"path": "/"},
    name=Name(longest=128),
    limits=(_name(128),),
)  # fmt: skip

ROWS = (ROLE, POLICY, ROLE_POLICY, ATTACHMENT, PROFILE)
