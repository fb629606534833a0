"""ClusterParameterGroup, Cluster and ClusterInstance of RDS: Aurora."""

from collections.abc import Iterable, Set
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import Call, Name, Problem, Row, fields, only, tag_list, tag_map, words
from artifactory_sandbox.aws_plugin.services import rds
from artifactory_sandbox.aws_plugin.wire import Props

# ClusterParameterGroup ------------------------------------------------------------------------------------------------


def _create_parameters(call: Call, props: Props) -> str:
    name = (props.get("name") or f"{props['namePrefix']}{call.unique()}").lower()
    call.aws("rds").create_db_cluster_parameter_group(
        DBClusterParameterGroupName=name,
        DBParameterGroupFamily=props["family"],
        Description=props["description"],
        Tags=tag_list(props.get("tagsAll")),
    )
    return str(name)


def _finish_parameters(call: Call, id_: str, props: Props) -> None:
    listed = [
        {
            "ParameterName": each["name"],
            "ParameterValue": each["value"],
            "ApplyMethod": each.get("applyMethod") or "immediate",
        }
        for each in props.get("parameters") or []
    ]
    if listed:
        call.aws("rds").modify_db_cluster_parameter_group(DBClusterParameterGroupName=id_, Parameters=listed)


def _update_parameters(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    _finish_parameters(call, id_, news)


def _read_parameters(call: Call, id_: str, props: Props) -> Props | None:
    client = call.aws("rds")
    group = only(
        lambda: client.describe_db_cluster_parameter_groups(DBClusterParameterGroupName=id_)["DBClusterParameterGroups"]
    )
    if group is None:
        return None
    listed = client.describe_db_cluster_parameters(DBClusterParameterGroupName=id_)["Parameters"]
    declared = {each["name"]: each for each in props.get("parameters") or []}
    arn = group.get("DBClusterParameterGroupArn") or call.arn("rds", f"cluster-pg:{id_}")
    return {
        "arn": arn,
        "name": group["DBClusterParameterGroupName"],
        "family": group["DBParameterGroupFamily"],
        "description": group["Description"],
        "parameters": [
            {
                "name": each["ParameterName"],
                "value": each.get("ParameterValue"),
                "applyMethod": each.get("ApplyMethod")
                or declared.get(each["ParameterName"], {}).get("applyMethod")
                or "immediate",
            }
            for each in listed
            if each.get("ParameterValue") is not None
        ],
        "tags": rds.tags_of(call, arn),
    }


CLUSTER_PARAMETER_GROUP = Row(
    "aws:rds/clusterParameterGroup:ClusterParameterGroup",
    inputs=words("name namePrefix family description parameters tags"),
    create=_create_parameters, finish=_finish_parameters, read=_read_parameters, update=_update_parameters, tag=rds.tag,
    delete=lambda call, id_, props: call.aws("rds").delete_db_cluster_parameter_group(DBClusterParameterGroupName=id_),
    replaces=words("name namePrefix family description"),
    name=Name(lower=True), defaults={"description": "Managed by Pulumi"},
)  # fmt: skip

# Cluster --------------------------------------------------------------------------------------------------------------

_BOTH = fields(
    "backupRetentionPeriod copyTagsToSnapshot deletionProtection engineVersion manageMasterUserPassword "
    "masterUserSecretKmsKeyId vpcSecurityGroupIds preferredBackupWindow preferredMaintenanceWindow",
    dbClusterParameterGroupName="DBClusterParameterGroupName", masterPassword="MasterUserPassword",
)  # fmt: skip
_ONCE = fields(
    "engine engineMode storageEncrypted kmsKeyId masterUsername databaseName port",
    dbSubnetGroupName="DBSubnetGroupName",
)
_LOCAL = words("skipFinalSnapshot finalSnapshotIdentifier applyImmediately allowMajorVersionUpgrade")


def _create_cluster(call: Call, props: Props) -> str:
    request = _BOTH.request(props) | _ONCE.request(props)
    if props.get("enabledCloudwatchLogsExports"):
        request["EnableCloudwatchLogsExports"] = props["enabledCloudwatchLogsExports"]
    identifier = props.get("clusterIdentifier") or f"{props['clusterIdentifierPrefix']}{call.unique()}"
    made = call.aws("rds").create_db_cluster(
        DBClusterIdentifier=identifier, Tags=tag_list(props.get("tagsAll")), **request
    )
    return str(made["DBCluster"]["DBClusterIdentifier"])


def _update_cluster(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    request: dict[str, Any] = _BOTH.request(news, changed)
    if "enabledCloudwatchLogsExports" in changed:
        before, after = (set(props.get("enabledCloudwatchLogsExports") or ()) for props in (olds, news))
        exports = {"EnableLogTypes": sorted(after - before), "DisableLogTypes": sorted(before - after)}
        request["CloudwatchLogsExportConfiguration"] = exports
    if request:
        call.aws("rds").modify_db_cluster(
            DBClusterIdentifier=id_, ApplyImmediately=bool(news.get("applyImmediately")), **request
        )


def _read_cluster(call: Call, id_: str, props: Props) -> Props | None:
    cluster = only(lambda: call.aws("rds").describe_db_clusters(DBClusterIdentifier=id_)["DBClusters"])
    if cluster is None:
        return None
    found = fields(
        "backupRetentionPeriod copyTagsToSnapshot deletionProtection engine engineMode engineVersion kmsKeyId "
        "masterUsername port preferredBackupWindow preferredMaintenanceWindow storageEncrypted endpoint hostedZoneId "
        "databaseName",
        arn="DBClusterArn", clusterIdentifier="DBClusterIdentifier", clusterResourceId="DbClusterResourceId",
        dbClusterParameterGroupName="DBClusterParameterGroup", dbSubnetGroupName="DBSubnetGroup",
        readerEndpoint="ReaderEndpoint",
    ).answer(cluster)  # fmt: skip
    return found | {
        "engineVersionActual": cluster.get("EngineVersion"),
        "clusterMembers": [each["DBInstanceIdentifier"] for each in cluster.get("DBClusterMembers") or []],
        "vpcSecurityGroupIds": [each["VpcSecurityGroupId"] for each in cluster.get("VpcSecurityGroups") or []],
        "enabledCloudwatchLogsExports": cluster.get("EnabledCloudwatchLogsExports") or None,
        "masterUserSecrets": rds.secrets_of(cluster),
        "tags": tag_map(cluster.get("TagList")),
    }


def _delete_cluster(call: Call, id_: str, props: Props) -> None:
    request: dict[str, Any] = {"SkipFinalSnapshot": bool(props.get("skipFinalSnapshot"))}
    if not request["SkipFinalSnapshot"]:
        request["FinalDBSnapshotIdentifier"] = props.get("finalSnapshotIdentifier", "")
    call.aws("rds").delete_db_cluster(DBClusterIdentifier=id_, **request)


def _master(props: Props) -> Iterable[Problem]:
    yield from limits.needs_one("masterUsername")(props)
    yield from limits.needs_one("masterPassword", "manageMasterUserPassword")(props)
    yield from limits.not_both("masterPassword", "manageMasterUserPassword")(props)


CLUSTER = Row(
    "aws:rds/cluster:Cluster",
    inputs=_BOTH.names | _ONCE.names | _LOCAL
    | words("clusterIdentifier clusterIdentifierPrefix enabledCloudwatchLogsExports tags"),
    create=_create_cluster, read=_read_cluster, update=_update_cluster, delete=_delete_cluster, tag=rds.tag,
    replaces=_ONCE.names | words("clusterIdentifier clusterIdentifierPrefix"),
    local=_LOCAL, secrets=words("masterPassword"),
    undeclared={"deletionProtection": False, "copyTagsToSnapshot": False},
    name=Name("clusterIdentifier", "clusterIdentifierPrefix", lower=True, longest=63),
    limits=(
        limits.database_identifier("clusterIdentifier"), limits.database_identifier("finalSnapshotIdentifier", 255),
        limits.between("backupRetentionPeriod", 1, 35), _master, rds.final_snapshot,
    ),
)  # fmt: skip

# ClusterInstance ------------------------------------------------------------------------------------------------------

_MEMBER = fields(
    "autoMinorVersionUpgrade copyTagsToSnapshot promotionTier publiclyAccessible monitoringInterval monitoringRoleArn",
    instanceClass="DBInstanceClass", dbParameterGroupName="DBParameterGroupName",
    performanceInsightsEnabled="EnablePerformanceInsights", performanceInsightsKmsKeyId="PerformanceInsightsKMSKeyId",
    performanceInsightsRetentionPeriod="PerformanceInsightsRetentionPeriod",
)  # fmt: skip
_MEMBER_ONCE = fields(
    "engine engineVersion availabilityZone",
    clusterIdentifier="DBClusterIdentifier", dbSubnetGroupName="DBSubnetGroupName",
)  # fmt: skip


def _create_member(call: Call, props: Props) -> str:
    identifier = props.get("identifier") or f"{props['identifierPrefix']}{call.unique()}"
    request = _MEMBER.request(props) | _MEMBER_ONCE.request(props)
    made = call.aws("rds").create_db_instance(
        DBInstanceIdentifier=identifier, Tags=tag_list(props.get("tagsAll")), **request
    )
    return str(made["DBInstance"]["DBInstanceIdentifier"])


def _update_member(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    if request := _MEMBER.request(news, changed):
        call.aws("rds").modify_db_instance(
            DBInstanceIdentifier=id_, ApplyImmediately=bool(news.get("applyImmediately")), **request
        )


def _read_member(call: Call, id_: str, props: Props) -> Props | None:
    client = call.aws("rds")
    instance = only(lambda: client.describe_db_instances(DBInstanceIdentifier=id_)["DBInstances"])
    if instance is None:
        return None
    cluster = instance["DBClusterIdentifier"]
    members = client.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][0]["DBClusterMembers"]
    endpoint = instance.get("Endpoint") or {}
    found = fields(
        "autoMinorVersionUpgrade availabilityZone copyTagsToSnapshot engine engineVersion publiclyAccessible",
        arn="DBInstanceArn", identifier="DBInstanceIdentifier", instanceClass="DBInstanceClass",
        clusterIdentifier="DBClusterIdentifier",
    ).answer(instance)  # fmt: skip
    return found | {
        "endpoint": endpoint.get("Address"),
        "port": endpoint.get("Port"),
        "writer": any(each["IsClusterWriter"] for each in members if each["DBInstanceIdentifier"] == id_),
        "dbiResourceId": rds.resource_id(instance["DBInstanceArn"]),
        "dbParameterGroupName": (instance.get("DBParameterGroups") or [{}])[0].get("DBParameterGroupName"),
        "dbSubnetGroupName": (instance.get("DBSubnetGroup") or {}).get("DBSubnetGroupName"),
        "engineVersionActual": instance.get("EngineVersion"),
        "tags": tag_map(instance.get("TagList")),
    }


CLUSTER_INSTANCE = Row(
    "aws:rds/clusterInstance:ClusterInstance",
    inputs=_MEMBER.names | _MEMBER_ONCE.names | words("identifier identifierPrefix applyImmediately tags"),
    create=_create_member, read=_read_member, update=_update_member, tag=rds.tag,
    delete=lambda call, id_, props: call.aws("rds").delete_db_instance(DBInstanceIdentifier=id_, SkipFinalSnapshot=True),
    replaces=_MEMBER_ONCE.names | words("identifier identifierPrefix"),
    local=words("applyImmediately"),
    undeclared={"autoMinorVersionUpgrade": True, "copyTagsToSnapshot": False, "publiclyAccessible": False,
                "performanceInsightsEnabled": False, "promotionTier": 0, "monitoringInterval": 0},
    name=Name("identifier", "identifierPrefix", lower=True, longest=63),
    limits=(limits.database_identifier("identifier"), limits.between("promotionTier", 0, 15)),
)  # fmt: skip

ROWS = (CLUSTER_PARAMETER_GROUP, CLUSTER, CLUSTER_INSTANCE)
