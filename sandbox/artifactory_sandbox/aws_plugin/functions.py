"""The `get…` functions of the SDK, each by its token."""

import json
import re
import zlib
from collections.abc import Callable, Iterable
from typing import Any

from artifactory_sandbox.aws_plugin import sdk
from artifactory_sandbox.aws_plugin.connection import Connection, Refused
from artifactory_sandbox.aws_plugin.rows import Call, fields, tag_map
from artifactory_sandbox.aws_plugin.wire import Props

Function = Callable[[Call, Props], Props]

SECRET_RESULTS = {"aws:ssm/getParameter:getParameter": frozenset({"value"})}
"""Results that are secrets, by function."""


def invoke(connection: Connection, token: str, args: Props) -> Props:
    """Calls a function in the region of its argument `region`, else the provider's."""
    function = FUNCTIONS.get(token)
    if function is None:
        known = sdk.has_function(token)
        what = "the sandbox's AWS plugin does not implement the" if known else "pulumi_aws has no"
        raise Refused(f"{what} function {token}")
    region = args.get("region") or connection.configuration.region
    if not region and token not in _WITHOUT_REGION:
        raise Refused(f"{token}: no region: give the provider one, or set AWS_REGION")
    return function(Call(connection, region or "us-east-1"), args)


_WITHOUT_REGION = frozenset({"aws:iam/getPolicyDocument:getPolicyDocument", "aws:index/getPartition:getPartition"})


def _caller_identity(call: Call, args: Props) -> Props:
    answer = call.aws("sts").get_caller_identity()
    account = answer["Account"]
    return {"id": account, "accountId": account, "arn": answer["Arn"], "userId": answer["UserId"]}


_REGION_NAMES = {
    "us-east-1": "US East (N. Virginia)", "us-east-2": "US East (Ohio)", "us-west-1": "US West (N. California)",
    "us-west-2": "US West (Oregon)", "eu-west-1": "Europe (Ireland)", "eu-central-1": "Europe (Frankfurt)",
}  # fmt: skip


def _region(call: Call, args: Props) -> Props:
    region = args.get("name") or call.region
    endpoint = f"ec2.{region}.amazonaws.com"
    description = _REGION_NAMES.get(region, region)
    return {"id": region, "name": region, "region": region, "endpoint": endpoint, "description": description}


def _partition(call: Call, args: Props) -> Props:
    china = call.partition == "aws-cn"
    suffix = "amazonaws.com.cn" if china else "amazonaws.com"
    prefix = "cn.com.amazonaws" if china else "com.amazonaws"
    name = call.partition
    return {"id": name, "partition": name, "dnsSuffix": suffix, "reverseDnsPrefix": prefix}


def _filters(args: Props) -> list[dict[str, Any]]:
    return [{"Name": each["name"], "Values": each["values"]} for each in args.get("filters") or []]


def _availability_zones(call: Call, args: Props) -> Props:
    filters = _filters(args)
    if args.get("state"):
        filters.append({"Name": "state", "Values": [args["state"]]})
    zones = call.aws("ec2").describe_availability_zones(Filters=filters)["AvailabilityZones"]
    wanted = sorted(
        (zone for zone in zones
         if zone["ZoneName"] not in (args.get("excludeNames") or ())
         and zone["ZoneId"] not in (args.get("excludeZoneIds") or ())),
        key=lambda zone: str(zone["ZoneName"]),
    )  # fmt: skip
    return {
        **args,
        "id": call.region,
        "region": call.region,
        "names": [zone["ZoneName"] for zone in wanted],
        "zoneIds": [zone["ZoneId"] for zone in wanted],
        "groupNames": sorted({zone.get("GroupName") or call.region for zone in wanted}),
    }


def _subnet(call: Call, args: Props) -> Props:
    request = {"SubnetIds": [args["id"]]} if args.get("id") else {"Filters": _filters(args)}
    found = call.aws("ec2").describe_subnets(**request)["Subnets"]
    if len(found) != 1:
        raise Refused(f"aws:ec2/getSubnet: {len(found)} subnets match; one is wanted")
    return _SUBNET.answer(found[0]) | {"id": found[0]["SubnetId"], "tags": tag_map(found[0].get("Tags"))}


_SUBNET = fields(
    "availabilityZone availabilityZoneId availableIpAddressCount cidrBlock defaultForAz mapPublicIpOnLaunch ownerId state vpcId",
    arn="SubnetArn",
)

_AMI = fields(
    "architecture creationDate deprecationTime description hypervisor imageId imageLocation imageOwnerAlias imageType "
    "kernelId name ownerId platform platformDetails public rootDeviceName rootDeviceType state usageOperation "
    "virtualizationType",
    enaSupport="EnaSupport", ramdiskId="RamdiskId", sriovNetSupport="SriovNetSupport", imdsSupport="ImdsSupport",
)  # fmt: skip


def _ami(call: Call, args: Props) -> Props:
    request: dict[str, Any] = {"Filters": _filters(args)}
    if args.get("owners"):
        request["Owners"] = args["owners"]
    if args.get("executableUsers"):
        request["ExecutableUsers"] = args["executableUsers"]
    images = call.aws("ec2").describe_images(**request)["Images"]
    if pattern := args.get("nameRegex"):
        images = [image for image in images if re.search(pattern, image.get("Name", ""))]
    if not images:
        raise Refused("aws:ec2/getAmi: your query returned no results; change the search criteria")
    if len(images) > 1 and not args.get("mostRecent"):
        raise Refused(f"aws:ec2/getAmi: your query returned {len(images)} images; narrow it or set mostRecent")
    image = max(images, key=lambda each: str(each.get("CreationDate", "")))
    found = {key: "" if value is None else value for key, value in _AMI.answer(image).items()}
    mappings = image.get("BlockDeviceMappings") or []
    snapshots = [each.get("Ebs", {}).get("SnapshotId") for each in mappings]
    return args | found | {
        "id": image["ImageId"],
        "arn": call.arn("ec2", f"image/{image['ImageId']}", account=False),
        "region": call.region,
        "enaSupport": bool(image.get("EnaSupport")),
        "public": bool(image.get("Public")),
        "rootSnapshotId": next(filter(None, snapshots), ""),
        "blockDeviceMappings": [],
        "productCodes": [],
        "stateReason": {},
        "tags": tag_map(image.get("Tags")),
    }  # fmt: skip


def _zone(call: Call, args: Props) -> Props:
    client = call.aws("route53")
    id_ = args.get("zoneId") or _zone_by_name(client, args)
    answer = client.get_hosted_zone(Id=id_)
    zone = answer["HostedZone"]
    servers = (answer.get("DelegationSet") or {}).get("NameServers") or []
    tags = client.list_tags_for_resource(ResourceType="hostedzone", ResourceId=id_)["ResourceTagSet"].get("Tags")
    return {
        "id": id_,
        "zoneId": id_,
        "arn": call.arn("route53", f"hostedzone/{id_}", region=False, account=False),
        "name": zone["Name"].rstrip("."),
        "comment": (zone.get("Config") or {}).get("Comment") or "",
        "privateZone": bool((zone.get("Config") or {}).get("PrivateZone")),
        "callerReference": zone.get("CallerReference") or "",
        "resourceRecordSetCount": zone.get("ResourceRecordSetCount") or 0,
        "nameServers": servers,
        "primaryNameServer": servers[0] if servers else "",
        "linkedServiceDescription": "",
        "linkedServicePrincipal": "",
        "enableAcceleratedRecovery": False,
        "vpcId": args.get("vpcId") or "",
        "tags": tag_map(tags),
    }


def _zone_by_name(client: Any, args: Props) -> str:
    if not args.get("name"):
        raise Refused("aws:route53/getZone: either zoneId or name must be given")
    name, private = args["name"].rstrip(".") + ".", bool(args.get("privateZone"))
    pages: Iterable[Any] = client.get_paginator("list_hosted_zones").paginate()
    zones = [
        zone for page in pages for zone in page["HostedZones"]
        if zone["Name"] == name and bool((zone.get("Config") or {}).get("PrivateZone")) == private
    ]  # fmt: skip
    if len(zones) != 1:
        raise Refused(f"aws:route53/getZone: {len(zones) or 'no matching'} hosted zones of the name {name}")
    return str(zones[0]["Id"]).rpartition("/")[2]


def _parameter(call: Call, args: Props) -> Props:
    decrypt = args.get("withDecryption", True)
    found = call.aws("ssm").get_parameter(Name=args["name"], WithDecryption=decrypt)["Parameter"]
    plain = found["Value"] if found["Type"] != "SecureString" else ""
    return fields("name type value version", arn="ARN").answer(found) | {
        "id": found["Name"],
        "region": call.region,
        "insecureValue": plain,
        "withDecryption": decrypt,
    }


# getPolicyDocument ----------------------------------------------------------------------------------------------------


def _policy_document(call: Call, args: Props) -> Props:
    merged: dict[str, Any] = {"Version": args.get("version") or "2012-10-17"}
    if args.get("policyId"):
        merged["Id"] = args["policyId"]
    statements: list[Props] = []
    for source in args.get("sourcePolicyDocuments") or []:
        statements += _statements_of(source)
    statements += [_statement(each) for each in args.get("statements") or []]
    for override in args.get("overridePolicyDocuments") or []:
        statements = _overridden(statements, _statements_of(override))
    merged["Statement"] = statements
    text = json.dumps(merged, indent=2)
    return args | {
        "id": str(zlib.crc32(text.encode())),
        "json": text,
        "minifiedJson": json.dumps(merged, separators=(",", ":")),
    }


def _statements_of(document: str) -> list[Props]:
    found = json.loads(document).get("Statement", [])
    return found if isinstance(found, list) else [found]


def _overridden(statements: list[Props], by: list[Props]) -> list[Props]:
    """A statement replaces the one of its Sid; one without a Sid is added."""
    named = {each["Sid"]: each for each in by if each.get("Sid")}
    kept = [named.pop(each.get("Sid", ""), each) for each in statements]
    return kept + [each for each in by if not each.get("Sid") or each["Sid"] in named]


def _statement(declared: Props) -> Props:
    statement: Props = {"Sid": declared["sid"]} if declared.get("sid") else {}
    statement["Effect"] = declared.get("effect") or "Allow"
    for key, name in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if declared.get(key):
            statement[name] = _principals(declared[key])
    for key in ("actions", "notActions", "resources", "notResources"):
        if declared.get(key):
            statement[key[0].upper() + key[1:-1]] = _one_or_many(declared[key])
    if conditions := declared.get("conditions"):
        statement["Condition"] = {}
        for each in conditions:
            values = [str(value) for value in each["values"]]
            statement["Condition"].setdefault(each["test"], {})[each["variable"]] = _one_or_many(values)
    return statement


def _one_or_many(values: list[str]) -> Any:
    """One value stands alone, several are sorted: the text stays the same from run to run."""
    return values[0] if len(values) == 1 else sorted(values, reverse=True)


def _principals(declared: list[Props]) -> Any:
    if declared == [{"type": "*", "identifiers": ["*"]}]:
        return "*"
    found: dict[str, list[str]] = {}
    for each in declared:
        found.setdefault(each["type"], []).extend(each["identifiers"])
    return {kind: _one_or_many(identifiers) for kind, identifiers in found.items()}


FUNCTIONS: dict[str, Function] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _availability_zones,
    "aws:ec2/getAmi:getAmi": _ami,
    "aws:ec2/getSubnet:getSubnet": _subnet,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
    "aws:route53/getZone:getZone": _zone,
    "aws:ssm/getParameter:getParameter": _parameter,
}
