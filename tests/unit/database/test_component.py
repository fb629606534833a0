"""The database in a Pulumi program."""

from typing import Any

import pytest

from artifactory_estate.base import Refused
from artifactory_estate.database.component import Database
from artifactory_estate.database.model import Database as Declared
from artifactory_estate.database.sizing import io_of, max_connections, opened
from artifactory_estate.site.sizes import PRESETS
from tests.support.recording import Recording, recorded

OUTPUTS = {
    "aws:rds/instance:Instance": {"address": "db.example", "masterUserSecrets": [{"secretArn": "arn:secret"}]},
    "aws:rds/cluster:Cluster": {"endpoint": "db.cluster-x.example", "masterUserSecrets": [{"secretArn": "arn:secret"}]},
}


def made(kms: bool = False, **declared: Any) -> Recording:
    def program() -> None:
        Database(
            "db",
            "acme-us-east",
            Declared.from_data(declared),
            vpc_id="vpc-1",
            subnet_ids=["subnet-1", "subnet-2"],
            client_security_group_id="sg-nodes",
            instance_class="db.m8g.2xlarge",
            nodes=3,
            kms_key_arn="arn:key" if kms else None,
        )

    with recorded(program, OUTPUTS) as found:
        return found


def instance(**declared: Any) -> Any:
    return made(**declared).resources["db-instance"].inputs


def test_instance_is_encrypted_private_in_several_zones_and_keeps_its_own_password() -> None:
    found = instance()
    assert (found["storageEncrypted"], found["multiAz"], found["publiclyAccessible"]) == (True, True, False)
    assert found["manageMasterUserPassword"] is True
    assert not {"password", "passwordWo"} & set(found)


@pytest.mark.parametrize("word", [False, True])
def test_deletion_needs_the_word_and_leaves_a_snapshot(word: bool) -> None:
    found = instance(allow_delete=word)
    assert found["deletionProtection"] is not word
    assert found["skipFinalSnapshot"] is False
    assert found["finalSnapshotIdentifier"] == "acme-us-east-final-db-security-id"


def test_connections_suffice_for_every_node_that_may_come() -> None:
    parameters = made(pools={"artifactory": 100, "access": 60, "metadata": 40}).resources["db-parameters"].inputs
    values = {parameter["name"]: parameter["value"] for parameter in parameters["parameters"]}
    assert values["max_connections"] == str(3 * (2 * 100 + 60 + 40 + 10 + 2 + 5 + 5) + 50)
    assert values["rds.force_ssl"] == "1"
    assert parameters["family"] == "postgres15"


def test_formula_grows_with_every_pool_and_node() -> None:
    base = max_connections(Declared(), 2)
    assert max_connections(Declared(), 3) > base
    for pool in ("artifactory", "access", "metadata", "mc", "idgenerator", "jfconfig", "topology", "lock"):
        assert max_connections(Declared.from_data({"pools": {pool: 51}}), 2) > base, pool
    assert max_connections(Declared.from_data({"rtfs": {}}), 2) == base + 2 * 50
    own = {"url": "jdbc:postgresql://h/rtfs", "username": "rtfs", "password": "env:P"}
    assert max_connections(Declared.from_data({"rtfs": {"external": own}}), 2) == base


@pytest.mark.parametrize(("size", "nodes"), [("small", 1), ("medium", 2), ("large", 3), ("xlarge", 4), ("2xlarge", 6)])
def test_each_size_fits_into_its_class_and_covers_the_formula_of_the_reference(size: str, nodes: int) -> None:
    preset = PRESETS[size]
    formula = nodes * 4 * preset.pool + 50
    assert formula <= max_connections(Declared(), nodes, preset.pool) <= 5000
    assert opened(Declared(), preset.pool).of_a_node == 4 * preset.pool + 22


def test_only_the_nodes_get_in() -> None:
    rule = made().resources["db-clients"].inputs
    assert (rule["referencedSecurityGroupId"], rule["fromPort"], rule["toPort"]) == ("sg-nodes", 5432, 5432)
    assert [one.name for one in made().of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")] == [
        "db-clients"
    ]


def test_point_in_time_window_in_whole_days() -> None:
    assert instance(point_in_time="36h")["backupRetentionPeriod"] == 2


def test_declared_class_and_minor_version_win() -> None:
    found = made(instance_class="db.r8g.large", version="16.4").resources
    assert found["db-instance"].inputs["instanceClass"] == "db.r8g.large"
    assert found["db-instance"].inputs["engineVersion"] == "16.4"
    assert found["db-parameters"].inputs["name"] == "acme-us-east-postgres16"


ORACLE: dict[str, Any] = {"engine": "oracle", "edition": "se2", "licence": "included"}


@pytest.mark.parametrize(
    ("declared", "engine", "version", "family", "limit", "encryption", "port", "of_instance"),
    [
        ({"engine": "mysql"}, "mysql", "8.0", "mysql8.0", ("max_connections", 716), "require_secure_transport", 3306, "db.m8g.2xlarge"),
        ({"engine": "mariadb", "version": "10.6.14"}, "mariadb", "10.6.14", "mariadb10.6", ("max_connections", 716),
         "require_secure_transport", 3306, "db.m8g.2xlarge"),
        (ORACLE, "oracle-se2", "19", "oracle-se2-19", ("processes", 836), "", 1521, "db.m7i.2xlarge"),
        ({"engine": "mssql", "edition": "ee", "licence": "included"}, "sqlserver-ee", "15.00", "sqlserver-ee-15.0",
         ("user connections", 716), "rds.force_ssl", 1433, "db.m7i.2xlarge"),
    ],
    ids=["mysql", "mariadb", "oracle", "mssql"],
)  # fmt: skip
def test_other_engines(
    declared: dict[str, Any], engine: str, version: str, family: str, limit: tuple[str, int], encryption: str, port: int,
    of_instance: str,
) -> None:  # fmt: skip
    found = made(**declared).resources
    one, parameters = found["db-instance"].inputs, found["db-parameters"].inputs
    assert (one["engine"], one["engineVersion"], one["instanceClass"]) == (engine, version, of_instance)
    values = {parameter["name"]: parameter["value"] for parameter in parameters["parameters"]}
    assert (parameters["family"], values[limit[0]]) == (family, str(limit[1]))
    assert not encryption or values[encryption] == "1"
    assert found["db-clients"].inputs["fromPort"] == port


def test_oracle_encrypts_by_an_option() -> None:
    found = made(**ORACLE).resources
    (option,) = found["db-options"].inputs["options"]
    settings = {setting["name"]: setting["value"] for setting in option["optionSettings"]}
    assert (option["optionName"], settings["SQLNET.ENCRYPTION_SERVER"]) == ("NATIVE_NETWORK_ENCRYPTION", "REQUIRED")
    assert found["db-instance"].inputs["licenseModel"] == "license-included"


def test_aurora_has_a_writer_and_standbys_of_its_size() -> None:
    found = made(engine="aurora-postgresql", readers=2, kms=True)
    members = [one.inputs for one in found.of_type("aws:rds/clusterInstance:ClusterInstance")]
    assert [one["promotionTier"] for one in members] == [0, 1, 2]
    assert {one["instanceClass"] for one in members} == {"db.r8g.2xlarge"}
    cluster = found.resources["db-cluster"].inputs
    assert (cluster["storageEncrypted"], cluster["deletionProtection"], cluster["kmsKeyId"]) == (True, True, "arn:key")
    forced = found.resources["db-cluster-parameters"].inputs["parameters"]
    assert [one["name"] for one in forced] == ["rds.force_ssl"]
    assert "db-instance" not in found.resources


def test_encrypted_with_the_sites_key_and_watched() -> None:
    found = instance(kms=True)
    assert {found[key] for key in ("kmsKeyId", "masterUserSecretKmsKeyId", "performanceInsightsKmsKeyId")} == {
        "arn:key"
    }
    assert found["enabledCloudwatchLogsExports"] == ["postgresql", "upgrade"]
    assert "performanceInsightsEnabled" not in instance(instance_class="db.t4g.micro")


def test_storage_of_the_size_and_its_throughput() -> None:
    assert "iops" not in instance()
    large = instance(storage_gib=1500, iops=20000, throughput_mib=1500)
    assert (large["iops"], large["storageThroughput"], large["maxAllocatedStorage"]) == (20000, 1500, 2000)
    assert "maxAllocatedStorage" not in instance(storage_gib=1900)


@pytest.mark.parametrize(
    ("engine", "size", "told"),
    [
        ("postgresql", "medium", None),
        ("postgresql", "large", (12000, 800)),
        ("postgresql", "2xlarge", (20000, 1500)),
        ("oracle", "medium", (12000, 600)),
        ("mssql", "small", (4000, 500)),
        ("mssql", "2xlarge", (16000, 1000)),
    ],
)
def test_a_size_asks_for_what_its_volume_takes(engine: Any, size: str, told: tuple[int, int] | None) -> None:
    preset = PRESETS[size]
    found = io_of(Declared(engine=engine), preset.database_gib, preset.database_iops, preset.database_throughput_mib)
    assert found == told


def test_database_that_exists_is_not_made_again() -> None:
    external = {"url": "jdbc:postgresql://h:5432/artifactory", "username": "u", "password": "env:P"}
    with pytest.raises(Refused, match=r"database\.external"):
        made(external=external)
