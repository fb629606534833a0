"""Where a site's nodes are: a small VPC of ours, or subnets that exist."""

import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi_aws import ec2

from artifactory_estate.base import Refusal
from artifactory_estate.site.model import CreateNetwork, Network
from artifactory_estate.site.names import SiteNames
from artifactory_estate.site.network_rules import SUBNET_BITS

_OLD_ZONES = ("use1-az3", "usw1-az2", "cac1-az3")
"""Where AWS has no instances of today's types. Which letter such a zone has differs by account."""


@dataclass(frozen=True)
class Place:
    """Ids of a network, ours or not."""

    vpc_id: pulumi.Input[str]
    private_subnets: Sequence[pulumi.Input[str]]
    """In at least two zones; nodes, database and internal load balancers."""
    public_subnets: Sequence[pulumi.Input[str]]
    """For a load balancer that is not internal."""
    made: Sequence[pulumi.Resource] = ()
    """The network, when it is ours: all of it has to be there before a node can reach anything."""


def place_of(
    name: str,
    names: SiteNames,
    network: Network,
    *,
    public: bool,
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> Place:
    """The declared ids, or those of a network made below `{name}-network`; `public`: something in it has a public address."""
    if network.create:
        return SiteNetwork(f"{name}-network", names, network.create, public=public, tags=tags, opts=opts).place
    return Place(network.vpc or "", network.private_subnets, network.public_subnets)


def subnets_of(cidr: str, zones: int) -> tuple[Sequence[str], Sequence[str]]:
    """Private and public subnets, one of each a zone: sixteenths of the network, so that `zones` may grow to six.

    >>> subnets_of("10.10.0.0/16", 2)
    (['10.10.0.0/20', '10.10.16.0/20'], ['10.10.128.0/20', '10.10.144.0/20'])
    """
    network = ipaddress.ip_network(cidr)
    parts = [str(part) for part in network.subnets(prefixlen_diff=SUBNET_BITS)]
    return parts[:zones], parts[8 : 8 + zones]


class SiteNetwork(pulumi.ComponentResource):
    """A VPC with a private subnet a zone, an S3 gateway endpoint and, unless declined, NAT gateways. Its default security
    group lets nothing through.

    Pulumi type `artifactory-estate:index:SiteNetwork`. Makes `{name}-vpc`, `-default`, `-private-N` and their routes, `-s3`;
    with NAT or something public `-internet`, `-public-N`, `-public-routes`; with NAT `-nat-N` and their addresses.
    """

    place: Place
    """Its ids."""

    def __init__(
        self,
        name: str,
        names: SiteNames,
        declared: CreateNetwork,
        *,
        public: bool,
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("artifactory-estate:index:SiteNetwork", name, {}, opts)
        self._name, self._tags, self._child = name, dict(tags), pulumi.ResourceOptions(parent=self)
        zones = aws.get_availability_zones_output(
            state="available",
            filters=[{"name": "opt-in-status", "values": ["opt-in-not-required"]}],
            exclude_zone_ids=_OLD_ZONES,
            opts=pulumi.InvokeOutputOptions(parent=self),
        ).names.apply(lambda found: enough_zones(names, declared.zones, found))
        self._vpc = ec2.Vpc(
            f"{name}-vpc",
            cidr_block=declared.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=self._named("vpc"),
            opts=self._child,
        )
        ec2.DefaultSecurityGroup(
            f"{name}-default", vpc_id=self._vpc.id, ingress=[], egress=[], tags=self._named("default"), opts=self._child
        )
        private_blocks, public_blocks = subnets_of(declared.cidr, declared.zones)
        ways = declared.zones if declared.nat and declared.nat_gateways == "each_zone" else 1
        private_routes = [self._route_table(f"private-{number}") for number in range(ways)]
        private = self._subnets("private", private_blocks, zones, private_routes)
        ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=self._vpc.id,
            service_name=f"com.amazonaws.{names.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[routes.id for routes in private_routes],
            policy=s3_endpoint_policy(names.account),
            tags=self._named("s3"),
            opts=self._child,
        )
        public_subnets: list[pulumi.Output[str]] = []
        if public or declared.nat:
            public_subnets = self._public_side(public_blocks, zones)
        if declared.nat:
            for number, routes in enumerate(private_routes):
                self._nat(number, public_subnets[number], routes)
        self.place = Place(self._vpc.id, private, public_subnets, [self])
        self.register_outputs({"vpc_id": self._vpc.id, "private_subnets": private})

    def _named(self, what: str) -> dict[str, str]:
        return {**self._tags, "Name": f"{self._name}-{what}"}

    def _route_table(self, kind: str) -> ec2.RouteTable:
        return ec2.RouteTable(
            f"{self._name}-{kind}-routes", vpc_id=self._vpc.id, tags=self._named(kind), opts=self._child
        )

    def _subnets(
        self,
        kind: str,
        blocks: Sequence[str],
        zones: pulumi.Output[Sequence[str]],
        routes: Sequence[ec2.RouteTable],
    ) -> list[pulumi.Output[str]]:
        """One a zone, each with the routes of its zone where there are several."""
        made = []
        for number, block in enumerate(blocks):
            subnet = ec2.Subnet(
                f"{self._name}-{kind}-{number}",
                vpc_id=self._vpc.id,
                cidr_block=block,
                availability_zone=zones[number],
                tags=self._named(f"{kind}-{number}"),
                opts=self._child,
            )
            ec2.RouteTableAssociation(
                f"{self._name}-{kind}-{number}-routes",
                subnet_id=subnet.id,
                route_table_id=routes[number % len(routes)].id,
                opts=self._child,
            )
            made.append(subnet.id)
        return made

    def _public_side(self, blocks: Sequence[str], zones: pulumi.Output[Sequence[str]]) -> list[pulumi.Output[str]]:
        internet = ec2.InternetGateway(
            f"{self._name}-internet", vpc_id=self._vpc.id, tags=self._named("internet"), opts=self._child
        )
        routes = self._route_table("public")
        ec2.Route(
            f"{self._name}-public-default",
            route_table_id=routes.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=internet.id,
            opts=self._child,
        )
        self._internet = internet
        return self._subnets("public", blocks, zones, [routes])

    def _nat(self, number: int, subnet_id: pulumi.Output[str], routes: ec2.RouteTable) -> None:
        what = f"nat-{number}"
        address = ec2.Eip(f"{self._name}-{what}-address", domain="vpc", tags=self._named(what), opts=self._child)
        nat = ec2.NatGateway(
            f"{self._name}-{what}",
            subnet_id=subnet_id,
            allocation_id=address.id,
            tags=self._named(what),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._internet]),
        )
        ec2.Route(
            f"{self._name}-private-{number}-default",
            route_table_id=routes.id,
            destination_cidr_block="0.0.0.0/0",
            nat_gateway_id=nat.id,
            opts=self._child,
        )


def enough_zones(names: SiteNames, wanted: int, found: Sequence[str]) -> Sequence[str]:
    """The zones; raises `RunError` where the region has fewer than are wanted."""
    if len(found) >= wanted:
        return found
    path, why = ("sites", names.site, "network", "create", "zones"), f"{names.region} has {', '.join(found) or 'none'}"
    raise pulumi.RunError(str(Refusal(path, f"{wanted} zones", why, f"Write `zones: {len(found)}`.")))


def s3_endpoint_policy(account: str) -> str:
    """Everything with buckets of the account, as far as who asks may; of other buckets only objects are read: packages of
    the system, and what remote repositories are redirected to. Nothing is carried out to them."""
    own = {"StringEquals": {"aws:ResourceAccount": account}}
    statements = [
        {"Sid": "OwnBuckets", "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": own},
        {"Sid": "OthersRead", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"},
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
