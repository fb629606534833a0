"""A static parameter waits for the next restart of a database: stock moto calls every parameter group in sync."""

import copy
from typing import Any

from moto.rds.models import DBInstance, RDSBackend

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch, expect

_STATIC = "pending-reboot"


def apply(hooks: Hooks) -> None:
    """`ParameterApplyStatus` of an instance is `pending-reboot` from such a change to its restart."""
    del hooks
    reboot = RDSBackend.reboot_db_instance

    def db_parameter_group_status_list(self: Any) -> list[Any]:
        groups = [copy.copy(group) for group in self.db_parameter_groups()]
        now = {group.name: _static(group) for group in groups}
        in_force = self.__dict__.setdefault("parameters_in_force", now)
        for group in groups:
            group.ParameterApplyStatus = "in-sync" if in_force.get(group.name) == now[group.name] else _STATIC
        return groups

    def reboot_db_instance(self: Any, db_instance_identifier: str) -> Any:
        instance = reboot(self, db_instance_identifier)
        instance.__dict__.pop("parameters_in_force", None)
        return instance

    DBInstance.db_parameter_group_status_list = property(db_parameter_group_status_list)
    RDSBackend.reboot_db_instance = reboot_db_instance


def _static(group: Any) -> dict[str, Any]:
    rows = group.parameters.items()
    return {name: row.get("ParameterValue") for name, row in rows if row.get("ApplyMethod") == _STATIC}


def check(aws: Scratch) -> None:
    """A limit that was raised waits; another parameter does not."""
    rds = aws.client("rds")
    rds.create_db_parameter_group(
        DBParameterGroupName="check-parameters", DBParameterGroupFamily="postgres15", Description="check"
    )

    def change(name: str, value: str, when: str) -> str:
        rds.modify_db_parameter_group(
            DBParameterGroupName="check-parameters",
            Parameters=[{"ParameterName": name, "ParameterValue": value, "ApplyMethod": when}],
        )
        return status()

    def status() -> str:
        found = rds.describe_db_instances(DBInstanceIdentifier="check-parameters")["DBInstances"][0]
        return str(found["DBParameterGroups"][0]["ParameterApplyStatus"])

    rds.create_db_instance(
        DBInstanceIdentifier="check-parameters", Engine="postgres", EngineVersion="15.4", DBInstanceClass="db.m6g.large",
        AllocatedStorage=20, MasterUsername="owner", ManageMasterUserPassword=True, DBParameterGroupName="check-parameters",
    )  # fmt: skip
    expect(status() == "in-sync", "a new instance runs with its parameters")
    expect(change("rds.force_ssl", "1", "immediate") == "in-sync", "a dynamic parameter does not wait")
    expect(change("max_connections", "300", _STATIC) == _STATIC, "a static parameter waits")
    rds.reboot_db_instance(DBInstanceIdentifier="check-parameters")
    expect(status() == "in-sync", "a restart applies it")
