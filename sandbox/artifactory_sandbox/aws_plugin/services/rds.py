"""SubnetGroup, ParameterGroup and Instance of RDS."""

import hashlib
from collections.abc import Iterable, Mapping, Set
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import Call, Name, Problem, Row, fields, only, tag_list, tag_map, words
from artifactory_sandbox.aws_plugin.wire import Props

_MANAGED = {"description": "Managed by Pulumi"}


def tags_of(call: Call, arn: str) -> dict[str, str]:
    """Tags of anything of RDS."""
    return tag_map(call.aws("rds").list_tags_for_resource(ResourceName=arn)["TagList"])


def tag(call: Call, id_: str, props: Props, tags: Mapping[str, str], gone: list[str]) -> None:
    """Makes the tags of anything of RDS so."""
    client, arn = call.aws("rds"), props["arn"]
    if gone:
        client.remove_tags_from_resource(ResourceName=arn, TagKeys=gone)
    if tags:
        client.add_tags_to_resource(ResourceName=arn, Tags=tag_list(tags))


# SubnetGroup ----------------------------------------------------------------------------------------------------------


def _create_subnets(call: Call, props: Props) -> str:
    name = (props.get("name") or f"{props['namePrefix']}{call.unique()}").lower()
    call.aws("rds").create_db_subnet_group(
        DBSubnetGroupName=name,
        DBSubnetGroupDescription=props["description"],
        SubnetIds=props["subnetIds"],
        Tags=tag_list(props.get("tagsAll")),
    )
    return str(name)


def _update_subnets(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    if changed & {"subnetIds", "description"}:
        call.aws("rds").modify_db_subnet_group(
            DBSubnetGroupName=id_, DBSubnetGroupDescription=news["description"], SubnetIds=news["subnetIds"]
        )


def _read_subnets(call: Call, id_: str, props: Props) -> Props | None:
    group = only(lambda: call.aws("rds").describe_db_subnet_groups(DBSubnetGroupName=id_)["DBSubnetGroups"])
    if group is None:
        return None
    arn = group.get("DBSubnetGroupArn") or call.arn("rds", f"subgrp:{id_}")
    return {
        "arn": arn,
        "name": group["DBSubnetGroupName"],
        "description": group["DBSubnetGroupDescription"],
        "subnetIds": [subnet["SubnetIdentifier"] for subnet in group["Subnets"]],
        "vpcId": group["VpcId"],
        "supportedNetworkTypes": group.get("SupportedNetworkTypes") or ["IPV4"],
        "tags": tags_of(call, arn),
    }


SUBNET_GROUP = Row(
    "aws:rds/subnetGroup:SubnetGroup",
    inputs=words("name namePrefix description subnetIds tags"),
    create=_create_subnets, read=_read_subnets, update=_update_subnets, tag=tag,
    delete=lambda call, id_, props: call.aws("rds").delete_db_subnet_group(DBSubnetGroupName=id_),
    replaces=words("name namePrefix"),
    name=Name(lower=True), defaults=_MANAGED,
    limits=(
        limits.name("name", 255, r"(?!default$)[a-z0-9 ._-]+", "lower-case letters, digits, spaces and . _ -"),
        limits.at_least("subnetIds", 2, {}, "a subnet group covers at least two availability zones"),
    ),
)  # fmt: skip

# ParameterGroup -------------------------------------------------------------------------------------------------------


def _create_parameters(call: Call, props: Props) -> str:
    name = (props.get("name") or f"{props['namePrefix']}{call.unique()}").lower()
    call.aws("rds").create_db_parameter_group(
        DBParameterGroupName=name,
        DBParameterGroupFamily=props["family"],
        Description=props["description"],
        Tags=tag_list(props.get("tagsAll")),
    )
    return str(name)


def _set_parameters(call: Call, name: str, parameters: list[Props] | None) -> None:
    listed = [
        {
            "ParameterName": each["name"],
            "ParameterValue": each["value"],
            "ApplyMethod": each.get("applyMethod") or "immediate",
        }
        for each in parameters or []
    ]
    for start in range(0, len(listed), 20):  # AWS takes twenty a call
        call.aws("rds").modify_db_parameter_group(DBParameterGroupName=name, Parameters=listed[start : start + 20])


def _finish_parameters(call: Call, id_: str, props: Props) -> None:
    _set_parameters(call, id_, props.get("parameters"))


def _update_parameters(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    kept = {each["name"] for each in news.get("parameters") or []}
    if gone := [each for each in olds.get("parameters") or [] if each["name"] not in kept]:
        names = [{"ParameterName": each["name"], "ApplyMethod": "pending-reboot"} for each in gone]
        call.aws("rds").reset_db_parameter_group(DBParameterGroupName=id_, Parameters=names)
    _set_parameters(call, id_, news.get("parameters"))


def _read_parameters(call: Call, id_: str, props: Props) -> Props | None:
    client = call.aws("rds")
    group = only(lambda: client.describe_db_parameter_groups(DBParameterGroupName=id_)["DBParameterGroups"])
    if group is None:
        return None
    arn = group.get("DBParameterGroupArn") or call.arn("rds", f"pg:{id_}")
    listed = client.describe_db_parameters(DBParameterGroupName=id_, Source="user")["Parameters"]
    declared = {each["name"]: each for each in props.get("parameters") or []}
    parameters = []
    for each in listed:
        method = each.get("ApplyMethod") or declared.get(each["ParameterName"], {}).get("applyMethod") or "immediate"
        parameters.append({"name": each["ParameterName"], "value": each.get("ParameterValue"), "applyMethod": method})
    return {
        "arn": arn,
        "name": group["DBParameterGroupName"],
        "family": group["DBParameterGroupFamily"],
        "description": group["Description"],
        "parameters": parameters,
        "tags": tags_of(call, arn),
    }


PARAMETER_GROUP = Row(
    "aws:rds/parameterGroup:ParameterGroup",
    inputs=words("name namePrefix family description parameters tags skipDestroy"),
    create=_create_parameters, finish=_finish_parameters, read=_read_parameters, update=_update_parameters, tag=tag,
    delete=lambda call, id_, props: None if props.get("skipDestroy")
    else call.aws("rds").delete_db_parameter_group(DBParameterGroupName=id_),
    replaces=words("name namePrefix family description"),
    local=words("skipDestroy"),
    name=Name(lower=True), defaults=_MANAGED,
    limits=(limits.database_identifier("name", 255),),
)  # fmt: skip

# Instance -------------------------------------------------------------------------------------------------------------

_BOTH = fields(
    "allocatedStorage autoMinorVersionUpgrade backupRetentionPeriod copyTagsToSnapshot deletionProtection "
    "engineVersion iops kmsKeyId licenseModel maxAllocatedStorage monitoringInterval monitoringRoleArn networkType "
    "optionGroupName publiclyAccessible storageThroughput storageType vpcSecurityGroupIds manageMasterUserPassword "
    "masterUserSecretKmsKeyId",
    instanceClass="DBInstanceClass", multiAz="MultiAZ", password="MasterUserPassword",  # noqa: S106 - a parameter's name
    performanceInsightsEnabled="EnablePerformanceInsights", performanceInsightsKmsKeyId="PerformanceInsightsKMSKeyId",
    performanceInsightsRetentionPeriod="PerformanceInsightsRetentionPeriod",
    iamDatabaseAuthenticationEnabled="EnableIAMDatabaseAuthentication", backupWindow="PreferredBackupWindow",
    maintenanceWindow="PreferredMaintenanceWindow", caCertIdentifier="CACertificateIdentifier",
    parameterGroupName="DBParameterGroupName",
)  # fmt: skip
"""What both `create_db_instance` and `modify_db_instance` take."""
_ONCE = fields(
    "availabilityZone engine port storageEncrypted characterSetName timezone",
    dbName="DBName", username="MasterUsername", dbSubnetGroupName="DBSubnetGroupName",
)  # fmt: skip
_NOT_MODIFIED = words("kmsKeyId")
_REPLICA = fields(
    "availabilityZone port autoMinorVersionUpgrade copyTagsToSnapshot deletionProtection iops kmsKeyId "
    "monitoringInterval monitoringRoleArn publiclyAccessible storageType vpcSecurityGroupIds",
    instanceClass="DBInstanceClass", multiAz="MultiAZ", dbSubnetGroupName="DBSubnetGroupName",
    parameterGroupName="DBParameterGroupName", replicateSourceDb="SourceDBInstanceIdentifier",
)  # fmt: skip
_LOCAL = words(
    "skipFinalSnapshot finalSnapshotIdentifier deleteAutomatedBackups applyImmediately allowMajorVersionUpgrade"
)
_ZONE_IDS = {
    "us-east-1": "Z2R2ITUGPM61AM", "us-east-2": "Z2XHWR1WZ565X2", "us-west-1": "Z10WI91S59XXQN",
    "us-west-2": "Z1PVIF0B656C1W", "eu-west-1": "Z29XKXDKYMONMX", "eu-central-1": "Z1RLNUO7B9Q6NB",
}  # fmt: skip


def _create(call: Call, props: Props) -> str:
    client = call.aws("rds")
    identifier = props.get("identifier") or f"{props['identifierPrefix']}{call.unique()}"
    shared = {"DBInstanceIdentifier": identifier, "Tags": tag_list(props.get("tagsAll"))}
    if props.get("replicateSourceDb"):
        source = {"SourceRegion": _region_of(props["replicateSourceDb"])} if _is_arn(props["replicateSourceDb"]) else {}
        answer = client.create_db_instance_read_replica(**shared, **source, **_REPLICA.request(props))
    else:
        request = _BOTH.request(props) | _ONCE.request(props)
        if props.get("enabledCloudwatchLogsExports"):
            request["EnableCloudwatchLogsExports"] = props["enabledCloudwatchLogsExports"]
        answer = client.create_db_instance(**shared, **request)
    return resource_id(answer["DBInstance"]["DBInstanceArn"])


def _is_arn(text: str) -> bool:
    return text.startswith("arn:")


def _region_of(arn: str) -> str:
    return arn.split(":")[3]


def resource_id(arn: str) -> str:
    """AWS's id of an instance; the sandbox's AWS gives all of them the same one."""
    return "db-" + hashlib.sha256(arn.encode()).hexdigest()[:26].upper()


def _update(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    client, identifier = call.aws("rds"), olds["identifier"]
    if "replicateSourceDb" in changed and olds.get("replicateSourceDb") and not news.get("replicateSourceDb"):
        client.promote_read_replica(DBInstanceIdentifier=identifier)
    request = _BOTH.request(news, changed - _NOT_MODIFIED)
    if "enabledCloudwatchLogsExports" in changed:
        before, after = (set(props.get("enabledCloudwatchLogsExports") or ()) for props in (olds, news))
        exports = {"EnableLogTypes": sorted(after - before), "DisableLogTypes": sorted(before - after)}
        request["CloudwatchLogsExportConfiguration"] = exports
    moved = fields("", port="DBPortNumber", dbSubnetGroupName="DBSubnetGroupName")
    request |= moved.request(news, changed)
    if "identifier" in changed and news.get("identifier") and news["identifier"] != identifier:
        request["NewDBInstanceIdentifier"] = news["identifier"]
    if request:
        if news.get("allowMajorVersionUpgrade"):
            request["AllowMajorVersionUpgrade"] = True
        client.modify_db_instance(
            DBInstanceIdentifier=identifier, ApplyImmediately=bool(news.get("applyImmediately")), **request
        )


def _read(call: Call, id_: str, props: Props) -> Props | None:
    identifier = props.get("identifier") or id_  # an import names the identifier
    instance = only(lambda: call.aws("rds").describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"])
    if instance is None:
        return None
    endpoint = instance.get("Endpoint") or {}
    found = fields(
        "allocatedStorage autoMinorVersionUpgrade availabilityZone backupRetentionPeriod copyTagsToSnapshot "
        "deletionProtection engine engineVersion kmsKeyId licenseModel multiAz publiclyAccessible storageEncrypted "
        "storageType",
        arn="DBInstanceArn", identifier="DBInstanceIdentifier", instanceClass="DBInstanceClass", dbName="DBName",
        username="MasterUsername", backupWindow="PreferredBackupWindow", multiAz="MultiAZ",
        maintenanceWindow="PreferredMaintenanceWindow", caCertIdentifier="CACertificateIdentifier",
        iamDatabaseAuthenticationEnabled="IAMDatabaseAuthenticationEnabled", status="DBInstanceStatus",
    ).answer(instance)  # fmt: skip
    optional = fields("iops maxAllocatedStorage monitoringInterval monitoringRoleArn storageThroughput").answer(
        instance
    )
    found |= {key: value for key, value in optional.items() if value is not None}
    return found | _names(instance) | {
        "id": resource_id(instance["DBInstanceArn"]),
        "resourceId": resource_id(instance["DBInstanceArn"]),
        "status": "available",
        "address": endpoint.get("Address"),
        "port": endpoint.get("Port") or instance.get("DbInstancePort"),
        "endpoint": f"{endpoint.get('Address')}:{endpoint.get('Port')}",
        "hostedZoneId": _ZONE_IDS.get(call.region, "Z2R2ITUGPM61AM"),
        "engineVersionActual": instance.get("EngineVersion"),
        "masterUserSecrets": secrets_of(instance),
        "tags": tag_map(instance.get("TagList")),
    }  # fmt: skip


def _names(instance: Mapping[str, Any]) -> Props:
    """Names of the groups around an instance."""
    parameters = (instance.get("DBParameterGroups") or [{}])[0].get("DBParameterGroupName")
    return {
        "dbSubnetGroupName": (instance.get("DBSubnetGroup") or {}).get("DBSubnetGroupName"),
        "parameterGroupName": parameters,
        "optionGroupName": (instance.get("OptionGroupMemberships") or [{}])[0].get("OptionGroupName"),
        "vpcSecurityGroupIds": [group["VpcSecurityGroupId"] for group in instance.get("VpcSecurityGroups") or []],
        "enabledCloudwatchLogsExports": instance.get("EnabledCloudwatchLogsExports") or None,
    }


def secrets_of(instance: Mapping[str, Any]) -> list[Props]:
    """Where RDS keeps the master password that it manages."""
    if not (secret := instance.get("MasterUserSecret")):
        return []
    return [fields("secretArn secretStatus kmsKeyId").answer(secret)]


def _delete(call: Call, id_: str, props: Props) -> None:
    request: dict[str, Any] = {"SkipFinalSnapshot": bool(props.get("skipFinalSnapshot"))}
    if not request["SkipFinalSnapshot"]:
        request["FinalDBSnapshotIdentifier"] = props.get("finalSnapshotIdentifier", "")
    request["DeleteAutomatedBackups"] = props.get("deleteAutomatedBackups", True)
    call.aws("rds").delete_db_instance(DBInstanceIdentifier=props["identifier"], **request)


def _credentials(props: Props) -> Iterable[Problem]:
    if props.get("replicateSourceDb") is None:
        yield from limits.needs_one("engine")(props)
        yield from limits.needs_one("username")(props)
        yield from limits.needs_one("password", "manageMasterUserPassword")(props)
        yield from limits.not_both("password", "manageMasterUserPassword")(props)


def final_snapshot(props: Props) -> Iterable[Problem]:
    """A last snapshot, or the word that there is none."""
    if not props.get("skipFinalSnapshot") and props.get("finalSnapshotIdentifier") is None:
        yield "finalSnapshotIdentifier", "is needed unless skipFinalSnapshot is true"


INSTANCE = Row(
    "aws:rds/instance:Instance",
    inputs=_BOTH.names | _ONCE.names | _LOCAL
    | words("identifier identifierPrefix replicateSourceDb enabledCloudwatchLogsExports tags"),
    create=_create, read=_read, update=_update, delete=_delete, tag=tag,
    replaces=_ONCE.names - words("port dbSubnetGroupName") | words("identifierPrefix kmsKeyId"),
    local=_LOCAL,
    undeclared={
        "autoMinorVersionUpgrade": True, "deleteAutomatedBackups": True, "copyTagsToSnapshot": False,
        "iamDatabaseAuthenticationEnabled": False, "maxAllocatedStorage": 0, "monitoringInterval": 0, "performanceInsightsEnabled": False,
        "publiclyAccessible": False, "deletionProtection": False,
    },
    secrets=words("password"),
    name=Name("identifier", "identifierPrefix", lower=True, longest=63),
    limits=(
        limits.database_identifier("identifier"), limits.database_identifier("finalSnapshotIdentifier", 255),
        limits.between("backupRetentionPeriod", 0, 35), limits.between("port", 1150, 65535),
        _credentials, final_snapshot,
    ),
)  # fmt: skip

ROWS = (SUBNET_GROUP, PARAMETER_GROUP, INSTANCE)
