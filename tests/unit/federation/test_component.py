"""What a federation registers."""

import json

from artifactory_estate.federation.component import Federation
from artifactory_estate.federation.model import Federation as Declared
from artifactory_estate.rest import Connection
from tests.support.recording import recorded


def test_trust_between_every_two_members_stands_before_the_repositories() -> None:
    declared = Declared.from_data(
        {
            "members": {"us-east": {"mode": "bidirectional"}, "eu-west": {}, "lab": {}},
            "repositories": {"shared-federated": {"package_type": "generic"}},
            "on_unreachable": "defer",
        }
    )
    connections = {
        site: Connection(site=site, url=f"http://{site}.example", token="file:t") for site in declared.members
    }

    with recorded(
        lambda: Federation("shared", "acme", declared, connections) and None, stack="federation-shared"
    ) as found:
        (trust,) = found.of_type("pulumi-python:dynamic/estate:Trust")
        (repositories,) = found.of_type("pulumi-python:dynamic/estate:Federation")
    assert [edge["between"] for edge in trust.inputs["edges"]] == [
        ["eu-west", "lab"],
        ["eu-west", "us-east"],
        ["lab", "us-east"],
    ]
    assert trust.name in repositories.depends_on
    assert json.loads(repositories.inputs["repositories"]["shared-federated"]) == {
        "rclass": "federated",
        "packageType": "generic",
    }
    assert repositories.inputs["on_unreachable"] == "defer"
    assert not [resource for resource in found.resources.values() if resource.type.startswith("aws:")]
