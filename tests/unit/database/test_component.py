"""The database in a Pulumi program."""

from typing import Any

import pytest

from artifactory_estate.base import Refused
from artifactory_estate.database.component import Database
from artifactory_estate.database.model import Database as Declared
from artifactory_estate.database.model import Pools
from artifactory_estate.database.sizing import max_connections
from tests.support.recording import Recording, recorded

OUTPUTS = {
    "aws:rds/instance:Instance": {"address": "db.example", "masterUserSecrets": [{"secretArn": "arn:secret"}]},
}


def made(**declared: Any) -> Recording:
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
    assert values["max_connections"] == str(3 * (2 * 100 + 60 + 40 + 12) + 50)
    assert values["rds.force_ssl"] == "1"
    assert parameters["family"] == "postgres15"


def test_formula_grows_with_every_pool_and_node() -> None:
    base = max_connections(Pools(), 2)
    assert max_connections(Pools(), 3) > base
    for pool in ("artifactory", "access", "metadata"):
        assert max_connections(Pools(**{pool: 51}), 2) > base


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


def test_database_that_exists_is_not_made_again() -> None:
    external = {"url": "jdbc:postgresql://h:5432/artifactory", "username": "u", "password": "env:P"}
    with pytest.raises(Refused, match=r"database\.external"):
        made(external=external)
