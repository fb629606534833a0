"""A site of a user's own program, by the fewest words."""

from typing import Any

import pytest

from artifactory_estate import Site
from artifactory_estate.base import Refused
from artifactory_estate.site.program import declared_artifactory
from tests.support.recording import Recording, recorded
from tests.unit.site.test_component import OUTPUTS

PACKAGE = {"source": "s3://acme-packages/jfrog-artifactory-pro-7.111.4.rpm", "sha256": "0" * 64}


def made(**words: Any) -> Recording:
    given = {"url": "https://repo.acme.example", "nodes": 2, "licences": "env:LICENCES", "package": PACKAGE, **words}

    def program() -> None:
        Site("repo", **given)

    with recorded(program, OUTPUTS) as found:
        return found


@pytest.fixture(scope="module")
def smallest() -> Recording:
    return made()


def test_account_region_and_estate_come_from_the_program(smallest: Recording) -> None:
    bucket = smallest.resources["repo-site-bucket"].inputs["bucket"]
    assert bucket == "artifactory-estate-repo-site-123456789012"
    assert smallest.resources["repo-secrets"].inputs["region"] == "us-east-1"


def test_defaults_are_for_production(smallest: Recording) -> None:
    group = smallest.resources["repo-nodes-group"].inputs
    assert (group["desiredCapacity"], len(group["vpcZoneIdentifiers"])) == (2, 3)
    assert smallest.resources["repo-balancer-balancer"].inputs["internal"] is True
    listener = smallest.resources["repo-balancer-listener"].inputs
    assert (listener["port"], listener["protocol"]) == (443, "HTTPS")
    database = smallest.resources["repo-database-instance"].inputs
    assert database["multiAz"] is True
    assert database["storageEncrypted"] is True
    assert database["deletionProtection"] is True


def test_a_certificate_is_made_in_the_zone(smallest: Recording) -> None:
    record = smallest.resources["repo-certificate-record"].inputs
    assert (record["zoneId"], record["type"], record["allowOverwrite"]) == ("Z2", "CNAME", True)
    assert "repo-certificate-validation" in smallest.before("repo-balancer-listener")


def test_more_words_of_nodes() -> None:
    group = made(nodes={"count": 3, "max": 5}).resources["repo-nodes-group"].inputs
    assert (group["desiredCapacity"], group["maxSize"]) == (3, 5)


@pytest.mark.parametrize(
    ("package", "version"),
    [(PACKAGE, "7.111.4"), ({"source": "sandbox", "sha256": "0" * 64, "version": "7.98.7"}, "7.98.7")],
)
def test_version_of_a_package(package: dict[str, str], version: str) -> None:
    assert declared_artifactory(package).version == version


def test_a_package_without_a_version_is_refused() -> None:
    with pytest.raises(Refused, match=r"package\.version: missing, and sandbox names none \(files reference 4\.4"):
        declared_artifactory({"source": "sandbox", "sha256": "0" * 64})


@pytest.mark.parametrize("missing", ["url", "nodes", "licences"])
def test_too_few_words(missing: str) -> None:
    with pytest.raises(ValueError, match="repo: give `declared`, or `url`, `nodes` and `licences`"):
        made(**{missing: None})


def test_no_package() -> None:
    with pytest.raises(ValueError, match="repo: which Artifactory"):
        made(package=None)
