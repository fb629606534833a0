"""Reading moto's models from within the process: microseconds where an API call costs milliseconds."""

import time
from collections.abc import Iterator
from typing import Any

from moto.backends import get_backend

_ROOT_DEVICES = frozenset({"/dev/xvda", "/dev/sda1"})


def each(service: str) -> Iterator[tuple[str, str, Any]]:
    """Every backend of a service that was used: (account, region, backend). Global services have the region `aws`."""
    for account, regions in list(get_backend(service).items()):
        for region, backend in list(regions.items()):
            yield account, region, backend


def backend(service: str, account: str, region: str) -> Any:
    """One backend, made when it was not there yet."""
    return get_backend(service)[account][region]


def instances() -> Iterator[tuple[str, str, Any]]:
    """Every EC2 instance moto knows, terminated ones too: (account, region, instance)."""
    for account, region, ec2 in each("ec2"):
        for reservation in list(ec2.reservations.values()):
            for instance in list(reservation.instances):
                yield account, region, instance


def instance(instance_id: str) -> tuple[str, str, Any] | None:
    """One EC2 instance by its id."""
    return next((found for found in instances() if found[2].id == instance_id), None)


def load_balancer(dns_name: str) -> tuple[str, str, Any] | None:
    """The load balancer that answers to a DNS name."""
    wanted = dns_name.rstrip(".").lower().removeprefix("dualstack.")
    for account, region, elb in each("elbv2"):
        for found in list(elb.load_balancers.values()):
            if found.dns_name.lower() == wanted:
                return account, region, found
    return None


def target_groups() -> Iterator[tuple[str, str, Any]]:
    """Every target group."""
    for account, region, elb in each("elbv2"):
        for group in list(elb.target_groups.values()):
            yield account, region, group


def databases() -> Iterator[tuple[str, str, Any]]:
    """Every RDS instance."""
    for account, region, rds in each("rds"):
        for database in list(rds.databases.values()):
            yield account, region, database


def clusters() -> Iterator[tuple[str, str, Any]]:
    """Every Aurora cluster."""
    for account, region, rds in each("rds"):
        for cluster in list(rds.clusters.values()):
            yield account, region, cluster


def bucket(name: str) -> Any | None:
    """A bucket of any account."""
    for _, _, s3 in each("s3"):
        if name in s3.buckets:
            return s3.buckets[name]
    return None


def tags_of(instance: Any) -> dict[str, str]:
    """The tags of an EC2 instance."""
    return {
        tag["key"] if "key" in tag else tag["Key"]: tag.get("value", tag.get("Value", ""))
        for tag in instance.get_tags()
    }


def terminate(account: str, region: str, instance_ids: list[str]) -> None:
    """Terminates instances as the API call does: their Auto Scaling group and target groups hear of it."""
    backend("ec2", account, region).terminate_instances(instance_ids)
    for service in ("autoscaling", "elbv2"):
        backend(service, account, region).notify_terminate_instances(instance_ids)


def volumes_of(account: str, region: str, instance_id: str) -> list[Any]:
    """The EBS volumes attached to an instance, but for its own disk."""
    found = [row for row in list(backend("ec2", account, region).volumes.values()) if row.attachment is not None]
    return [
        row for row in found if row.attachment.instance.id == instance_id and row.attachment.device not in _ROOT_DEVICES
    ]


def file_system(account: str, region: str, id_: str) -> Any | None:
    """An EFS file system."""
    return backend("efs", account, region).file_systems_by_id.get(id_)


def lets_in(account: str, region: str, groups: list[str] | None, port: int) -> bool:
    """Whether one of these security groups lets anybody in at a TCP port; without groups everybody comes in."""
    ec2 = backend("ec2", account, region)
    found = [ec2.get_security_group_from_id(group) for group in groups or []]
    return not groups or any(
        _covers(rule, port) for group in found if group is not None for rule in group.ingress_rules
    )


def _covers(rule: Any, port: int) -> bool:
    return bool(rule.ip_protocol == "-1" or (rule.ip_protocol == "tcp" and rule.from_port <= port <= rule.to_port))


def leave_group(account: str, region: str, group: Any, instance_id: str) -> None:
    """Terminates a member as its own group does: it leaves the target groups and may answer what it has begun; the group
    fills up to its desired capacity."""
    scaling, ec2 = backend("autoscaling", account, region), backend("ec2", account, region)
    instance = ec2.get_instance(instance_id)
    instance.left_its_group = time.monotonic()
    for arn in group.target_group_arns:
        targets = scaling.elbv2_backend.target_groups.get(arn)
        if targets is not None and instance_id in targets.targets:
            targets.deregister([{"Id": instance_id}])
    scaling.detach_instances(group.name, [instance_id], should_decrement=False)
    ec2.terminate_instances([instance_id])
