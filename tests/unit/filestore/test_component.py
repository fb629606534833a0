"""The versioned bucket in a Pulumi program."""

import json
from typing import Any

import pytest

from artifactory_estate.estate.load import loads
from artifactory_estate.filestore.component import VersionedFilestore
from artifactory_estate.filestore.copies import Copy, copy_of
from artifactory_estate.filestore.model import Bucket
from tests.support.recording import Recording, recorded
from tests.unit.estate.documents import SAMPLE

KEY = "arn:aws:kms:us-east-1:123456789012:key/one"
OTHER_KEY = "arn:aws:kms:eu-west-1:123456789012:key/two"


def made(declared: Bucket, **more: Any) -> Recording:
    def program() -> None:
        VersionedFilestore("store", "acme-store", declared, {"owner": "platform"}, **more)

    with recorded(program) as found:
        return found


def copy(key: str = OTHER_KEY, *, deletes: bool = False) -> Copy:
    return Copy("arn:aws:s3:::acme-other", key, "us-east-1", "eu-west-1", "acme-copy", None, deletes)


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


def test_own_key_encrypts_through_a_key_of_the_bucket() -> None:
    rule = made(Bucket(), kms_key_arn=KEY).resources["store-encryption"].inputs["rules"][0]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}
    assert rule["bucketKeyEnabled"] is True


def test_every_object_is_copied_within_a_bound_that_is_measured() -> None:
    found = made(Bucket(), kms_key_arn=KEY, copy=copy())
    rule = found.resources["store-copy-rules"].inputs["rules"][0]
    assert (rule["filter"], rule["deleteMarkerReplication"]) == ({"prefix": ""}, {"status": "Disabled"})
    assert rule["sourceSelectionCriteria"] == {"sseKmsEncryptedObjects": {"status": "Enabled"}}
    assert rule["destination"] == {
        "bucket": "arn:aws:s3:::acme-other",
        "replicationTime": {"status": "Enabled", "time": {"minutes": 15}},
        "metrics": {"status": "Enabled", "eventThreshold": {"minutes": 15}},
        "encryptionConfiguration": {"replicaKmsKeyId": OTHER_KEY},
    }
    assert {"store-versioning", "store-copy-permissions"} <= found.before("store-copy-rules")


def test_the_copying_role_can_do_nothing_else() -> None:
    resources = made(Bucket(), kms_key_arn=KEY, copy=copy()).resources
    statements = json.loads(resources["store-copy-permissions"].inputs["policy"])["Statement"]
    assert {each["Sid"]: each["Resource"] for each in statements} == {
        "Rules": ["arn:mock:store-bucket"],
        "Versions": ["arn:mock:store-bucket/*"],
        "Copies": ["arn:aws:s3:::acme-other/*"],
        "Decrypt": [KEY],
        "Encrypt": [OTHER_KEY],
    }
    assert not any("*" in action for each in statements for action in each["Action"])
    assert "s3:ReplicateDelete" not in next(each for each in statements if each["Sid"] == "Copies")["Action"]
    trusted = json.loads(resources["store-copy-role"].inputs["assumeRolePolicy"])["Statement"][0]
    assert trusted["Condition"] == {"ArnLike": {"aws:SourceArn": "arn:mock:store-bucket"}}


def test_a_key_known_by_its_alias_is_reached_by_that_alias_only() -> None:
    alias = "arn:aws:kms:eu-west-1:123456789012:alias/acme-eu-west"
    policy = made(Bucket(), kms_key_arn=KEY, copy=copy(alias)).resources["store-copy-permissions"].inputs["policy"]
    encrypt = json.loads(policy)["Statement"][-1]
    assert encrypt["Resource"] == ["arn:aws:kms:eu-west-1:123456789012:key/*"]
    assert encrypt["Condition"]["ForAnyValue:StringEquals"] == {"kms:ResourceAliases": "alias/acme-eu-west"}


def test_deletions_are_followed_where_the_document_says_so() -> None:
    rule = made(Bucket(), copy=copy(deletes=True)).resources["store-copy-rules"].inputs["rules"][0]
    assert rule["deleteMarkerReplication"] == {"status": "Enabled"}


def test_the_documents_copy_leads_to_the_other_sites_bucket() -> None:
    text = SAMPLE.replace("    reach: direct", "    filestore: {bucket: {replicate_to: eu-west}}\n    reach: direct")
    found = copy_of(loads(text), "us-east")
    assert found is not None and copy_of(loads(text), "eu-west") is None
    assert found.bucket_arn == "arn:aws:s3:::acme-eu-west-filestore-123456789012"
    assert found.kms_key_arn == "arn:aws:kms:eu-west-1:123456789012:alias/acme-eu-west"
