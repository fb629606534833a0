"""Taking over what a killed run left: no type that our components make is forgotten."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from artifactory_estate.cloud.find import FOUND, REPEATABLE
from artifactory_estate.database.component import Database
from artifactory_estate.database.model import Database as Declared
from artifactory_estate.disaster_recovery.component import DisasterRecoveryPair
from artifactory_estate.operations import interrupted
from artifactory_estate.operations.interrupted import take_over_interrupted
from artifactory_estate.site.component import Site
from tests.support.recording import recorded
from tests.unit.database.test_component import OUTPUTS as DATABASES
from tests.unit.disaster_recovery.test_component import ZONE, end, pair
from tests.unit.filestore.test_component import copy
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


def filestores() -> None:
    """A file system for all nodes, and a bucket that is copied to another region."""
    Site(
        "us-nfs", "acme", site_of(filestore={"kind": "nfs", "directory": "/mnt/f", "efs": {}}), artifactory=ARTIFACTORY
    )
    Site("us-copied", "acme", site_of(), artifactory=ARTIFACTORY, copy=copy())


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
    for program in (sites, filestores, databases, recovery):
        with recorded(program, {**OUTPUTS, **DATABASES, **ZONE}) as recording:
            found |= {resource.type for resource in recording.resources.values() if resource.type.startswith("aws:")}
    return found


def test_every_aws_type_is_found_again_or_may_be_repeated() -> None:
    made = types_made()
    assert "aws:rds/instance:Instance" in made and "aws:efs/mountTarget:MountTarget" in made
    assert made - FOUND - REPEATABLE == set()
    assert made >= FOUND | REPEATABLE, "looked up, but made by none of our components"


def test_nothing_is_both() -> None:
    assert not FOUND & REPEATABLE


VPC = {"type": "aws:ec2/vpc:Vpc", "urn": "urn:pulumi:us-east::artifactory-estate::aws:ec2/vpc:Vpc::us-east-network"}
BEGUN = {"resource": {**VPC, "inputs": {"cidrBlock": "10.0.0.0/16"}}, "type": "creating"}


class Killed(Exception):
    """The process ends here."""


@dataclass
class Stack:
    """Exports, imports and reads back as the engine does, which forgets what is pending with an import."""

    deployment: dict[str, Any]
    killed_at: str = ""
    refreshed: list[str] = field(default_factory=list)
    project: Any = field(default_factory=lambda: SimpleNamespace(estate=SimpleNamespace(estate="acme")))

    def exported(self) -> dict[str, Any]:
        return self.deployment

    def import_deployment(self, deployment: dict[str, Any]) -> None:
        self.deployment = deployment

    def refresh_only(self, urns: list[str]) -> None:
        if self.killed_at == "refresh":
            raise Killed
        self.refreshed += urns
        read = [{**one, "outputs": {"arn": one["id"]}} for one in self.deployment["resources"]]
        self.deployment = {**self.deployment, "resources": read}


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interrupted, "find_id", lambda *_: "vpc-1")


def taken(stack: Stack) -> list[str]:
    return take_over_interrupted(stack)  # type: ignore[arg-type]


def test_what_was_begun_is_taken_over_and_read(found: None) -> None:
    stack = Stack({"pending_operations": [BEGUN]})
    assert taken(stack) == stack.refreshed == [VPC["urn"]]
    assert stack.deployment["resources"][0]["outputs"] == {"arn": "vpc-1"}
    assert taken(stack) == [], "once"


def test_a_run_that_is_killed_before_it_has_read_leaves_that_to_the_next(found: None) -> None:
    stack = Stack({"pending_operations": [BEGUN]}, killed_at="refresh")
    with pytest.raises(Killed):
        taken(stack)
    assert not stack.deployment["pending_operations"] and not stack.refreshed
    stack.killed_at = ""
    assert taken(stack) == [VPC["urn"]]
    assert stack.deployment["resources"][0]["outputs"] == {"arn": "vpc-1"}


def test_nothing_is_asked_when_nothing_was_interrupted() -> None:
    stack = Stack({"resources": [{**VPC, "id": "vpc-1", "outputs": {"arn": "vpc-1"}}]})
    assert taken(stack) == stack.refreshed == []
