"""Taking over what a killed run left: no type that our components make is forgotten."""

from typing import Any

from artifactory_estate.cloud.find import FOUND, REPEATABLE
from artifactory_estate.database.component import Database
from artifactory_estate.database.model import Database as Declared
from artifactory_estate.disaster_recovery.component import DisasterRecoveryPair
from artifactory_estate.site.component import Site
from tests.support.recording import recorded
from tests.unit.database.test_component import OUTPUTS as DATABASES
from tests.unit.disaster_recovery.test_component import ZONE, end, pair
from tests.unit.site.site_values import ARTIFACTORY, site_of
from tests.unit.site.test_component import OUTPUTS


def sites() -> None:
    """Every AWS type of a site: a network with public subnets, both kinds of load balancer."""
    for kind in ("nginx", "alb"):
        scheme = "https" if kind == "alb" else "http"
        url = f"{scheme}://us-east.repo.acme.example"
        told = {"alarms": {"emails": ["platform@acme.example"]}}
        declared = site_of(load_balancer={"kind": kind, "internal": False}, url=url, observability=told)
        Site(f"us-{kind}", "acme", declared, artifactory=ARTIFACTORY)


def databases() -> None:
    """The engines that are made of more than an instance."""
    for engine, more in (("aurora-postgresql", {}), ("oracle", {"edition": "se2", "licence": "included"})):
        declared = Declared.from_data({"engine": engine, **more})
        where: dict[str, Any] = {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1"], "client_security_group_id": "sg-1"}
        Database(engine, f"acme-{engine}", declared, nodes=2, **where)


def recovery() -> None:
    declared = pair(service={"name": "repo.acme.example"})
    DisasterRecoveryPair("east", "acme", declared, end("us-east"), end("us-west"))


def types_made() -> set[str]:
    found: set[str] = set()
    for program in (sites, databases, recovery):
        with recorded(program, {**OUTPUTS, **DATABASES, **ZONE}) as recording:
            found |= {resource.type for resource in recording.resources.values() if resource.type.startswith("aws:")}
    return found


def test_every_aws_type_is_found_again_or_may_be_repeated() -> None:
    made = types_made()
    assert "aws:rds/instance:Instance" in made and "aws:route53/healthCheck:HealthCheck" in made
    assert made - FOUND - REPEATABLE == set()
    assert made >= FOUND | REPEATABLE, "looked up, but made by none of our components"


def test_nothing_is_both() -> None:
    assert not FOUND & REPEATABLE
