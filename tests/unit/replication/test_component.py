"""What a site's replications register."""

from artifactory_estate.replication.component import Replications
from artifactory_estate.replication.model import Replications as Declared
from artifactory_estate.rest import Connection
from tests.support.recording import recorded


def test_one_resource_with_the_targets_that_are_used() -> None:
    declared = Declared.from_data({"push": {"libs": {"cron": "0 0 2 ? * *", "targets": ["eu-west"]}}})
    sites = {site: Connection(site=site, url=f"http://{site}.example", token="file:t") for site in ("eu-west", "lab")}
    here = Connection(site="us-east", url="http://us-east.example", token="file:t")

    def program() -> None:
        Replications("us-east-replications", "acme", here, declared, sites)

    with recorded(program) as found:
        (made,) = found.of_type("pulumi-python:dynamic/estate:Replications")
    assert list(made.inputs["targets"]) == ["eu-west"]
    assert made.inputs["owner"]["resource"] == "us-east/us-east-replications"
    assert made.inputs["push"]["libs"]["targets"] == ["eu-west"]
