"""Reading moto's models from within the process: microseconds where an API call costs milliseconds."""

from collections.abc import Iterator
from typing import Any

from moto.backends import get_backend


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
