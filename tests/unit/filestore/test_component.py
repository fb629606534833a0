"""The versioned bucket in a Pulumi program."""

import json

import pytest

from artifactory_estate.base import Refused
from artifactory_estate.filestore.component import VersionedFilestore
from artifactory_estate.filestore.model import Bucket
from tests.support.recording import Recording, recorded


def made(declared: Bucket) -> Recording:
    with recorded(lambda: VersionedFilestore("store", "acme-store", declared, {"owner": "platform"}) and None) as found:
        return found


def test_bucket_is_versioned_encrypted_private_and_owned() -> None:
    found = made(Bucket()).resources
    assert found["store-bucket"].inputs["bucket"] == "acme-store"
    assert found["store-versioning"].inputs["versioningConfiguration"] == {"status": "Enabled"}
    assert found["store-encryption"].inputs["rules"] == [
        {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
    ]
    blocked = found["store-public-access"].inputs
    assert {key for key, value in blocked.items() if value is True} == {
        "blockPublicAcls",
        "blockPublicPolicy",
        "ignorePublicAcls",
        "restrictPublicBuckets",
    }
    assert found["store-ownership"].inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    assert {resource.parent for name, resource in found.items() if name != "store"} == {"store"}


def test_only_tls_is_let_in() -> None:
    statement = json.loads(made(Bucket()).resources["store-policy"].inputs["policy"])["Statement"][0]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == ["arn:mock:store-bucket", "arn:mock:store-bucket/*"]


@pytest.mark.parametrize(("kept", "days"), [("35d", 35), ("36h", 2), ("1d", 1)])
def test_old_versions_stay_at_least_as_long_as_declared_and_current_ones_for_ever(kept: str, days: int) -> None:
    rules = made(Bucket.from_data({"keep_old_versions": kept})).resources["store-lifecycle"].inputs["rules"]
    assert rules[0]["noncurrentVersionExpiration"] == {"noncurrentDays": days}
    assert [rule.get("expiration") for rule in rules] == [{"expiredObjectDeleteMarker": True}, None]


@pytest.mark.parametrize("word", [False, True])
def test_only_the_word_lets_destroy_empty_it(word: bool) -> None:
    assert made(Bucket(allow_delete=word)).resources["store-bucket"].inputs["forceDestroy"] is word


def test_declared_name_wins() -> None:
    assert made(Bucket(name="given-name")).resources["store-bucket"].inputs["bucket"] == "given-name"


def test_replication_is_refused_with_the_way_out() -> None:
    with pytest.raises(Refused, match=r"filestore\.bucket\.replicate_to: us-west .*not offered yet"):
        made(Bucket(replicate_to="us-west"))
