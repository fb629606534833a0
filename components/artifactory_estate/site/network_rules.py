"""What a managed site's network may not be."""

import ipaddress
from collections.abc import Iterator

from artifactory_estate.base import Refusal
from artifactory_estate.filestore.traits import mounts_of
from artifactory_estate.site.model import CreateNetwork, ManagedSite, Network
from artifactory_estate.site.sizes import fronts_of

SUBNET_BITS = 4
"""A subnet of ours is a sixteenth of its network, so that `zones` may grow to six."""
SERVICES = ("ec2", "ec2messages", "logs", "monitoring", "secretsmanager", "ssm", "ssmmessages")
"""That a node calls itself. S3 has its gateway; KMS is called by the services that encrypt."""
_TAKEN_BY_AWS = 5
_LOAD_BALANCER = 8
"""Free addresses that AWS asks for in each subnet of a load balancer."""
_PRIVATE = tuple(map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))


def refusals(name: str, site: ManagedSite) -> Iterator[Refusal]:
    """One way to a network; a private range with room for the nodes."""
    network, path = site.network, ("sites", name, "network")
    ids = [key for key in ("vpc", "private_subnets", "public_subnets") if getattr(network, key)]
    if network.create:
        for key in ids:
            yield Refusal((*path, key), "given, with create", "either we make the network or it exists already")
        yield from _ways_out(network.create, (*path, "create"))
        if site.load_balancer.on_fronts and network.create.has_endpoints:
            why = "decision 0015: fronts ask AWS which nodes are healthy, and endpoints of ours let nodes in alone"
            do = "Take placement: node, or leave `nat` true and `endpoints` out."
            place = ("sites", name, "load_balancer", "placement")
            yield Refusal(place, "front, in a network with endpoints", why, do)
        yield from _range(network.create, addresses_wanted(site), (*path, "create", "cidr"))
        return
    yield from _named(network, path)
    if not network.vpc:
        yield Refusal(path, "neither `create` nor `vpc`", "nodes need a network")
    if len(set(network.private_subnets)) < 2:
        found = f"{len(set(network.private_subnets))} subnets"
        yield Refusal((*path, "private_subnets"), found, "design 4: nodes and database stand in at least two zones")
    if not site.load_balancer.internal and len(set(network.public_subnets)) < 2:
        found = f"{len(set(network.public_subnets))} subnets"
        why = "a load balancer that is not internal stands in two public ones"
        yield Refusal((*path, "public_subnets"), found, why, "Name them, or leave `load_balancer.internal` true.")


def _ways_out(create: CreateNetwork, path: tuple[str, ...]) -> Iterator[Refusal]:
    if not create.nat and create.endpoints is False:
        why = "design 4: a node fetches its bundle and secrets from AWS, and nothing would lead there"
        yield Refusal((*path, "endpoints"), "false, and nat: false", why, "Leave one of the two out.")
    if not create.nat and create.nat_gateways == "one":
        yield Refusal((*path, "nat_gateways"), "one, with nat: false", "there is none")


def _named(network: Network, path: tuple[str, ...]) -> Iterator[Refusal]:
    """Each subnet once."""
    for key in ("private_subnets", "public_subnets"):
        ids: tuple[str, ...] = getattr(network, key)
        for number, id_ in enumerate(ids):
            if id_ in ids[:number]:
                yield Refusal((*path, key, number), f"{id_} is there twice", "each is one subnet of one zone")
    for number, id_ in enumerate(network.public_subnets):
        if id_ in network.private_subnets:
            why = "a subnet with a way in from the internet is public: nodes do not stand in it"
            yield Refusal((*path, "public_subnets", number), f"{id_} is a private one too", why)


def addresses_wanted(site: ManagedSite) -> int:
    """That each private subnet needs to have free for the site: nodes and fronts (one more while they are replaced), a
    mount target for each file system, endpoints, the database, the load balancer."""
    create, fronts = site.network.create, fronts_of(site) + 1 if site.load_balancer.on_fronts else 0
    zones = create.zones if create else len(set(site.network.private_subnets)) or 1
    machines = -(-site.nodes.ceiling // zones) + -(-fronts // zones)
    file_systems = sum(mount.efs is not None for mount in mounts_of(site.filestore))
    endpoints = len(SERVICES) if create and create.has_endpoints else 0
    return machines + file_systems + endpoints + 1 + _LOAD_BALANCER


def _range(create: CreateNetwork, wanted: int, path: tuple[str, ...]) -> Iterator[Refusal]:
    try:
        cidr = ipaddress.IPv4Network(create.cidr)
    except ValueError as error:
        yield Refusal(path, f"{create.cidr} is no network", str(error).replace(create.cidr, "it"))
        return
    if not any(cidr.subnet_of(private) for private in _PRIVATE):
        yield Refusal(path, f"{create.cidr} is not private", "10/8, 172.16/12, 192.168/16 or 100.64/10")
    prefix = cidr.prefixlen + SUBNET_BITS
    room = 2 ** (32 - prefix) - _TAKEN_BY_AWS
    if wanted > room:
        found = f"{create.cidr} gives {create.zones} zones subnets of /{prefix}, with {room} addresses that AWS leaves"
        yield Refusal(path, found, f"{wanted} addresses are needed in each", "Take a larger network.")
