"""The border to the engine, without an engine."""

import base64
import pickle

import pulumi
import pytest

from artifactory_estate.base import EstateError
from artifactory_estate.cloud.lifecycle import Package, PackageDeclaration, PackageObservation
from artifactory_estate.engine import border
from artifactory_estate.engine.resource import PROVIDER
from artifactory_estate.engine.v1 import LifecycleProvider


def test_the_provider_string_is_golden() -> None:
    """State refers to it. If this fails, refresh and destroy of every existing stack fail too: restore the old path."""
    assert base64.b64decode(PROVIDER) == pickle.dumps(LifecycleProvider(), protocol=4)
    assert isinstance(pickle.loads(base64.b64decode(PROVIDER)), LifecycleProvider)
    assert not vars(LifecycleProvider())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (1.0, 1),
        (1.5, 1.5),
        ({"a": [2.0, {"b": 3.0}]}, {"a": [2, {"b": 3}]}),
        ((4.0,), [4]),
        (True, True),
        ("1.0", "1.0"),
    ],
)
def test_numbers_come_back_as_they_were(given: object, expected: object) -> None:
    found = border.plain(given)
    assert found == expected and type(found) is type(expected)


def test_unknowns_are_found_however_deep() -> None:
    assert border.has_unknown({"a": [{"b": pulumi.output.Unknown()}]})
    assert border.has_unknown({"a": pulumi.runtime.rpc.UNKNOWN})
    assert not border.has_unknown({"a": [{"b": "known"}]})


def test_a_lifecycle_that_state_names_and_we_do_not_have_is_explained() -> None:
    with pytest.raises(EstateError, match="which this version of artifactory-estate does not have"):
        border.lifecycle_of({border.LIFECYCLE: "artifactory_estate.gone.lifecycle:Gone"})


def test_state_of_a_version_that_wrote_something_else_is_explained() -> None:
    declared = PackageDeclaration(source="s3://a/b.rpm", sha256="0" * 64, bucket="b", region="us-east-1")
    last = border.outputs(
        {border.LIFECYCLE: border.name_of(Package), border.RESOURCE: "us-east/package"}, declared, PackageObservation()
    )
    assert border.parse_last(Package(), last) == declared
    assert border.parse_observed(Package(), last) == PackageObservation()
    words = "state holds us-east/package as another version of artifactory-estate wrote it .*colour"
    provider = LifecycleProvider()
    for call in (
        lambda: border.parse_observed(Package(), {**last, border.OBSERVED: {"colour": "red"}}),
        lambda: provider.diff("id", {**last, "colour": "red"}, last),
        lambda: provider.read("id", {**last, "colour": "red"}),
        lambda: provider.update("id", {**last, "colour": "red"}, last),
        lambda: provider.delete("id", {**last, "colour": "red"}),
    ):
        with pytest.raises(EstateError, match=words):
            call()


@pytest.mark.parametrize(
    "name",
    [
        "cloud.given:Given",
        "cloud.instances:Instances",
        "cloud.lifecycle:SiteSecrets",
        "cloud.lifecycle:Bundle",
        "cloud.lifecycle:Package",
        "cloud.lifecycle:HostedZone",
        "cloud.lifecycle:DeletionGuard",
        "disaster_recovery.lifecycle:DisasterRecoveryLifecycle",
        "filestore.lifecycle:ChecksumTrust",
        "filestore.lifecycle:Place",
        "federation.lifecycle:FederationLifecycle",
        "replication.lifecycle:ReplicationsLifecycle",
        "repositories.lifecycle:RepositoriesLifecycle",
        "site.base_url:BaseUrlLifecycle",
        "site.licence_supply:LicenceSupply",
        "site.lifecycle:ReadinessLifecycle",
        "site.lifecycle:LicencesLifecycle",
        "site.lifecycle:BaseUrlLifecycle",
        "site.upgrade:UpgradeLifecycle",
        "trust.lifecycle:TrustLifecycle",
    ],
)
def test_every_name_that_a_state_may_hold_still_leads_to_its_lifecycle(name: str) -> None:
    """Add names, never take one out: state keeps them, and refresh and destroy look here."""
    found = border.lifecycle_of({border.LIFECYCLE: f"artifactory_estate.{name}"})
    assert type(found).__name__ == name.rpartition(":")[2]
