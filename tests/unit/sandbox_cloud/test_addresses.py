"""Addresses of machines."""

from artifactory_sandbox.data_plane.addresses import Addresses


def network(address: str) -> str:
    return address.rsplit(".", 2)[0]


def test_a_machine_keeps_its_address_until_it_is_freed() -> None:
    addresses = Addresses()
    first, second = addresses.take("us-east-1", "i-1"), addresses.take("us-east-1", "i-2")
    assert addresses.take("us-east-1", "i-1") == first != second
    addresses.free("i-1")
    assert addresses.take("us-east-1", "i-3") not in {first, second}


def test_two_sandboxes_and_two_regions_share_no_network() -> None:
    one, other = Addresses(), Addresses()
    found = [one.take("us-east-1", "i-1"), one.take("us-west-2", "i-2"), other.take("us-east-1", "i-1")]
    assert len({network(address) for address in found}) == 3
    assert network(one.take("us-east-1", "i-3")) == network(found[0])
