"""What a site is given rather than makes: looked at before anything is built on it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from artifactory_estate.base import Lifecycle, Model, Observation, Refusal, refuse_if_any
from artifactory_estate.cloud.session import client

_MISSING = {"InvalidVpcID.NotFound", "InvalidSubnetID.NotFound", "NotFoundException", "NotFound"}
_TAKEN = {"InvalidInput", "EntityAlreadyExists"}


class GivenDeclaration(Model):
    """Ids of the document. Those that are not given are not looked at."""

    site: str
    region: str
    role: str | None = None
    vpc: str | None = None
    private_subnets: tuple[str, ...] = ()
    public_subnets: tuple[str, ...] = ()
    addresses: int = 0
    """That each subnet has to have free when it is given first."""
    kms_key: str | None = None


class Given(Lifecycle[GivenDeclaration, Observation]):
    """Subnets that exist, lie in the VPC, in two zones at least, with room, the private ones without a way in from the
    internet; a key that can encrypt. Makes and removes nothing but what every account has: Auto Scaling's own role, which
    the policy of a key names, and which AWS makes with the first Auto Scaling group otherwise."""

    declared = GivenDeclaration
    observed = Observation

    def preflight(self, old: GivenDeclaration | None, new: GivenDeclaration) -> Sequence[Refusal]:
        """Reads only. Room is asked of subnets that were not given before: later our own nodes are in it."""
        return (*_network(old, new), *_key(new))

    def create(self, wanted: GivenDeclaration) -> Observation:
        refuse_if_any(self.preflight(None, wanted))
        _ensure_auto_scaling_role(wanted)
        return Observation()

    def update(self, old: GivenDeclaration, wanted: GivenDeclaration, observed: Observation) -> Observation:
        del observed
        refuse_if_any(self.preflight(old, wanted))
        return Observation()

    def read(self, last: GivenDeclaration, observed: Observation) -> tuple[GivenDeclaration, Observation]:
        """As it was found: no request."""
        return last, observed

    def delete(self, last: GivenDeclaration, observed: Observation) -> None:
        """Not ours; the role is every Auto Scaling group's of the account."""


def _ensure_auto_scaling_role(declared: GivenDeclaration) -> None:
    try:
        client("iam", declared.region, declared.role).create_service_linked_role(
            AWSServiceName="autoscaling.amazonaws.com"
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in _TAKEN:  # "… has been taken in this account"
            raise


def _network(old: GivenDeclaration | None, new: GivenDeclaration) -> Iterator[Refusal]:
    if not new.vpc:
        return
    ec2, path = client("ec2", new.region, new.role), ("sites", new.site, "network")
    if _asked(lambda: ec2.describe_vpcs(VpcIds=[new.vpc])["Vpcs"]) is None:
        yield Refusal((*path, "vpc"), f"{new.vpc} is not there", f"asked in {new.region}")
        return
    known = {*old.private_subnets, *old.public_subnets} if old else set()
    ways = _ways_out(ec2, new.vpc)
    for key, public in (("private_subnets", False), ("public_subnets", True)):
        ids: Sequence[str] = getattr(new, key)
        if not ids:
            continue
        found = _subnets(ec2, ids)
        for number, id_ in enumerate(ids):
            place = (*path, key, number)
            if id_ not in found:
                yield Refusal(place, f"{id_} is not there", f"asked in {new.region}")
                continue
            yield from _subnet(place, found[id_], new, ways, public=public, fresh=id_ not in known)
        zones = {found[id_]["AvailabilityZone"] for id_ in ids if id_ in found}
        if len(zones) == 1 and len(found) == len(set(ids)):
            why = "design 4: nodes, database and load balancer stand in at least two zones"
            yield Refusal((*path, key), f"all in {zones.pop()}", why)


def _subnet(
    place: tuple[str | int, ...],
    subnet: Mapping[str, Any],
    new: GivenDeclaration,
    ways: Mapping[str, bool],
    *,
    public: bool,
    fresh: bool,
) -> Iterator[Refusal]:
    id_ = subnet["SubnetId"]
    if subnet["VpcId"] != new.vpc:
        yield Refusal(place, f"{id_} belongs to {subnet['VpcId']}", f"the site's VPC is {new.vpc}")
        return
    free = int(subnet["AvailableIpAddressCount"])
    if fresh and free < new.addresses:
        yield Refusal(place, f"{id_} has {free} addresses free", f"the site needs {new.addresses} in each subnet")
    open_ = ways.get(id_, ways.get("", False))
    if public and not open_:
        why = "a load balancer that is not internal needs a route to an internet gateway"
        yield Refusal(place, f"{id_} has none", why)
    if not public and (open_ or subnet.get("MapPublicIpOnLaunch")):
        found = "a route to an internet gateway" if open_ else "public addresses for new instances"
        yield Refusal(place, f"{id_} has {found}", "nodes and database are never public", "Name private subnets.")


def _subnets(ec2: Any, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    pages = ec2.get_paginator("describe_subnets").paginate(Filters=[{"Name": "subnet-id", "Values": list(set(ids))}])
    return {subnet["SubnetId"]: subnet for page in pages for subnet in page["Subnets"]}


def _ways_out(ec2: Any, vpc: str | None) -> dict[str, bool]:
    """Whether a subnet's routes lead to an internet gateway, by subnet; the main table's under the empty name."""
    ways: dict[str, bool] = {}
    pages = ec2.get_paginator("describe_route_tables").paginate(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    for table in (table for page in pages for table in page["RouteTables"]):
        open_ = any(str(route.get("GatewayId", "")).startswith("igw-") for route in table["Routes"])
        for association in table["Associations"]:
            ways["" if association.get("Main") else str(association.get("SubnetId"))] = open_
    return ways


def _key(new: GivenDeclaration) -> Iterator[Refusal]:
    if not new.kms_key:
        return
    path = ("sites", new.site, "aws", "kms_key")
    kms = client("kms", new.region, new.role)
    key = _asked(lambda: kms.describe_key(KeyId=new.kms_key)["KeyMetadata"])
    if key is None:
        yield Refusal(path, f"{new.kms_key} is not there", f"asked in {new.region}")
    elif key["KeyState"] != "Enabled":
        yield Refusal(path, f"the key is {key['KeyState']}", "nothing can be encrypted with it")
    elif key.get("KeySpec", "SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT":
        found = f"a key of {key['KeySpec']} to {key.get('KeyUsage')}"
        yield Refusal(path, found, "S3, EBS and RDS take symmetric keys that encrypt")


def _asked(question: Callable[[], Any]) -> Any:
    """The answer; None when AWS says that there is no such thing."""
    try:
        return question()
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            return None
        raise
