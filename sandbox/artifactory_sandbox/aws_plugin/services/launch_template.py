"""LaunchTemplate. A change of its data is a new version; the template itself stays."""

from collections.abc import Mapping, Set
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import Call, Name, Row, fields, tag_list, tag_map, words
from artifactory_sandbox.aws_plugin.services._ec2 import describe, tag, tagged, tags_of
from artifactory_sandbox.aws_plugin.shape import camel, pascal
from artifactory_sandbox.aws_plugin.wire import Props

_PLAIN = fields("imageId instanceType keyName userData disableApiTermination instanceInitiatedShutdownBehavior")
_NESTED = words("blockDeviceMappings iamInstanceProfile metadataOptions monitoring creditSpecification placement")
_DATA = _PLAIN.names | _NESTED | words("vpcSecurityGroupIds networkInterfaces tagSpecifications ebsOptimized")
_VERSION = _DATA | {"description"}
"""Inputs whose change makes a new version."""
_NETWORK = {"securityGroups": "Groups", "ipv4AddressCount": "SecondaryPrivateIpAddressCount"}
_FLAG_TEXTS = words("encrypted deleteOnTermination associatePublicIpAddress associateCarrierIpAddress ebsOptimized")
"""Flags that Pulumi has as the texts "true" and "false"."""


def _to_aws(value: Any, key: str = "") -> Any:
    if isinstance(value, Mapping):
        return {part: _to_aws(inner, part) for part, inner in value.items()}
    if isinstance(value, list):
        return [_to_aws(part, key) for part in value]
    return value == "true" if key in _FLAG_TEXTS and isinstance(value, str) else value


def _from_aws(value: Any, key: str = "") -> Any:
    if isinstance(value, Mapping):
        return {part: _from_aws(inner, part) for part, inner in value.items()}
    if isinstance(value, list):
        return [_from_aws(part, key) for part in value]
    return str(value).lower() if key in _FLAG_TEXTS and isinstance(value, bool) else value


def _data(props: Props) -> dict[str, Any]:
    """`LaunchTemplateData`, whole: a new version is never built on an old one."""
    data = _PLAIN.request(props)
    data |= {key[0].upper() + key[1:]: pascal(_to_aws(props[key])) for key in _NESTED if props.get(key)}
    if interfaces := props.get("networkInterfaces"):
        data["NetworkInterfaces"] = pascal(_to_aws(interfaces), _NETWORK)
    if groups := props.get("vpcSecurityGroupIds"):
        data["SecurityGroupIds"] = groups
    if props.get("ebsOptimized"):
        data["EbsOptimized"] = props["ebsOptimized"] == "true"
    if specifications := props.get("tagSpecifications"):
        data["TagSpecifications"] = [
            {"ResourceType": each["resourceType"], "Tags": tag_list(each.get("tags"))} for each in specifications
        ]
    return data


def _create(call: Call, props: Props) -> str:
    name = props.get("name") or f"{props['namePrefix']}{call.unique()}"
    request = {"LaunchTemplateName": name, "LaunchTemplateData": _data(props), **tagged("launch-template", props)}
    if props.get("description"):
        request["VersionDescription"] = props["description"]
    return str(call.aws("ec2").create_launch_template(**request)["LaunchTemplate"]["LaunchTemplateId"])


def _update(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    ec2, default = call.aws("ec2"), news.get("defaultVersion")
    if changed & _VERSION:
        text = {"VersionDescription": news["description"]} if news.get("description") else {}
        answer = ec2.create_launch_template_version(LaunchTemplateId=id_, LaunchTemplateData=_data(news), **text)
        if news.get("updateDefaultVersion"):
            default = answer["LaunchTemplateVersion"]["VersionNumber"]
    elif news.get("updateDefaultVersion") and "updateDefaultVersion" in changed:
        default = olds.get("latestVersion")
    if default is not None:
        ec2.modify_launch_template(LaunchTemplateId=id_, DefaultVersion=str(default))


def _read(call: Call, id_: str, props: Props) -> Props | None:
    template = describe(call, "launch_templates", "LaunchTemplates", LaunchTemplateIds=[id_])
    if template is None:
        return None
    version = describe(
        call, "launch_template_versions", "LaunchTemplateVersions", LaunchTemplateId=id_, Versions=["$Latest"]
    )
    data = version["LaunchTemplateData"]
    found = _PLAIN.answer(data) | {key: _from_aws(camel(data.get(key[0].upper() + key[1:]))) for key in _NESTED}
    return found | {
        "arn": call.arn("ec2", f"launch-template/{id_}"),
        "name": template["LaunchTemplateName"],
        "description": version.get("VersionDescription"),
        "latestVersion": template["LatestVersionNumber"],
        "defaultVersion": template["DefaultVersionNumber"],
        "vpcSecurityGroupIds": data.get("SecurityGroupIds"),
        "networkInterfaces": _from_aws(camel(data.get("NetworkInterfaces"), _NETWORK)),
        "ebsOptimized": _from_aws(data.get("EbsOptimized"), "ebsOptimized"),
        "tagSpecifications": _tag_specifications(data),
        "tags": tags_of(call, id_),
    }


def _tag_specifications(data: Mapping[str, Any]) -> list[Props] | None:
    """Without the template's own tags, which the sandbox's AWS lists among them."""
    return [
        {"resourceType": each["ResourceType"], "tags": tag_map(each.get("Tags"))}
        for each in data.get("TagSpecifications") or []
        if each["ResourceType"] != "launch-template"
    ] or None


ROWS = (
    Row(
        "aws:ec2/launchTemplate:LaunchTemplate",
        inputs=_VERSION | words("name namePrefix defaultVersion updateDefaultVersion tags"),
        create=_create, read=_read, update=_update, tag=tag,
        delete=lambda call, id_, props: call.aws("ec2").delete_launch_template(LaunchTemplateId=id_),
        replaces=words("name namePrefix"),
        moves={"latestVersion": _VERSION, "defaultVersion": _VERSION | {"updateDefaultVersion"}},
        name=Name(longest=125),
        limits=(
            limits.name("name", 128, r"[A-Za-z0-9().\-/_]+", "letters, digits and ( ) . - / _", 3),
            limits.name("description", 255, r"[^\x00]*", "at most 255 characters", 0),
            limits.user_data,
            limits.not_both("defaultVersion", "updateDefaultVersion"),
        ),
    ),
)  # fmt: skip
