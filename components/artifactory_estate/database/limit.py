"""The limit of connections, where a database takes another one at its next restart only."""

from collections.abc import Sequence

from artifactory_estate.base import Lifecycle, Model, Observation
from artifactory_estate.cloud.session import client

_WAITS = "pending-reboot"


class ConnectionLimitDeclaration(Model):
    """What a database of ours lets in."""

    database: str
    """Identifier of the instance, or of Aurora's cluster."""
    is_cluster: bool
    """Which of them."""
    connections: int
    """Enough for `nodes.max` nodes."""
    region: str
    role: str | None = None


class ConnectionLimit(Lifecycle[ConnectionLimitDeclaration, Observation]):
    """Says that another limit is not in force before somebody restarts the database: nodes beyond the former `nodes.max` would be
    turned away until then. Makes nothing, restarts nothing; 1 request.
    """

    declared = ConnectionLimitDeclaration
    observed = Observation

    def notices(self, old: ConnectionLimitDeclaration | None, new: ConnectionLimitDeclaration) -> Sequence[str]:
        """Of another limit. No request."""
        if old is None or old.connections == new.connections:
            return ()
        text = (
            f"{new.database} lets in {new.connections} connections, {old.connections} before, from its next restart on"
        )
        return (f"{text}: restart it with failover in a quiet hour, and raise nodes.count after that",)

    def create(self, wanted: ConnectionLimitDeclaration) -> Observation:
        """A look."""
        return Observation(pending=_waiting(wanted))

    def update(
        self, old: ConnectionLimitDeclaration, wanted: ConnectionLimitDeclaration, observed: Observation
    ) -> Observation:
        """AWS may take a moment to say that another limit waits."""
        del observed
        return Observation(pending=_waiting(wanted) if old == wanted else (_said(wanted),))

    def read(
        self, last: ConnectionLimitDeclaration, observed: Observation
    ) -> tuple[ConnectionLimitDeclaration, Observation]:
        """Pending until the restart."""
        del observed
        return last, Observation(pending=_waiting(last))

    def delete(self, last: ConnectionLimitDeclaration, observed: Observation) -> None:
        """Nothing was made."""


def _waiting(declared: ConnectionLimitDeclaration) -> tuple[str, ...]:
    rds = client("rds", region=declared.region, role=declared.role)
    kind = "db-cluster-id" if declared.is_cluster else "db-instance-id"
    found = rds.describe_db_instances(Filters=[{"Name": kind, "Values": [declared.database]}])["DBInstances"]
    groups = [group for instance in found for group in instance["DBParameterGroups"]]
    return (_said(declared),) if any(group["ParameterApplyStatus"] == _WAITS for group in groups) else ()


def _said(declared: ConnectionLimitDeclaration) -> str:
    return f"{declared.database} lets in {declared.connections} connections after its next restart only"
