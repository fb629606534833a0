"""A failover of a database is felt: stock moto's reboot and failover of RDS change nothing but a flag."""

from typing import Any

from botocore.exceptions import ClientError
from moto.rds.exceptions import RDSClientError
from moto.rds.responses import RDSResponse

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch, expect


def apply(hooks: Hooks) -> None:
    """`reboot_db_instance` and `failover_db_cluster` cut connections; a forced failover needs a standby, which then is in
    the other zone."""
    reboot, fail_over = RDSResponse.reboot_db_instance, RDSResponse.failover_db_cluster

    def reboot_db_instance(self: Any) -> Any:
        instance = self.backend.describe_db_instances(self.params.get("DBInstanceIdentifier"))[0]
        if str(self.params.get("ForceFailover")).lower() == "true":
            if not instance.multi_az:
                raise RDSClientError(
                    "InvalidParameterCombination",
                    "Cannot request a failover (force-failover) for a DB instance that is not Multi-AZ.",
                )
            other = "b" if instance.availability_zone.endswith("a") else "a"
            instance.availability_zone = f"{instance.region}{other}"
        hooks.database_failed_over(getattr(instance, "db_cluster_identifier", None) or instance.db_instance_identifier)
        return reboot(self)

    def failover_db_cluster(self: Any) -> Any:
        answer = fail_over(self)
        hooks.database_failed_over(self.params.get("DBClusterIdentifier") or self.params["db_cluster_identifier"])
        return answer

    RDSResponse.reboot_db_instance = reboot_db_instance
    RDSResponse.failover_db_cluster = failover_db_cluster


def check(aws: Scratch) -> None:
    """Only an instance with a standby fails over, and its endpoint stays."""
    rds = aws.client("rds")
    for name, standby in (("check-alone", False), ("check-standby", True)):
        rds.create_db_instance(
            DBInstanceIdentifier=name, Engine="postgres", EngineVersion="15.4", DBInstanceClass="db.m6g.large", AllocatedStorage=20,
            MasterUsername="owner", ManageMasterUserPassword=True, MultiAZ=standby,
        )  # fmt: skip
    before = rds.describe_db_instances(DBInstanceIdentifier="check-standby")["DBInstances"][0]
    after = rds.reboot_db_instance(DBInstanceIdentifier="check-standby", ForceFailover=True)["DBInstance"]
    expect(after["AvailabilityZone"] != before["AvailabilityZone"], "the standby's zone takes over")
    expect(after["Endpoint"] == before["Endpoint"], "the endpoint stays")
    try:
        rds.reboot_db_instance(DBInstanceIdentifier="check-alone", ForceFailover=True)
    except ClientError as error:
        expect(error.response["Error"]["Code"] == "InvalidParameterCombination", "alone, it cannot fail over")
    else:
        expect(False, "alone, it cannot fail over")
