"""binarystore.xml."""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from artifactory_estate.filestore.model import Filestore
from artifactory_estate.filestore.render import binarystore_xml
from tests.support.golden import assert_golden
from tests.unit.filestore.declared import GOLDEN
from tests.unit.filestore.declared import rendered as golden

FOLDER = Path(__file__).parent / "golden"


def rendered(version: str = "7.111.4", region: str = "us-east-1", **declared: Any) -> str:
    return binarystore_xml(Filestore.from_data(declared), version=version, bucket="acme-store", region=region)


def providers(xml: str) -> dict[str, dict[str, str | None]]:
    return {
        provider.attrib["id"]: {parameter.tag: parameter.text for parameter in provider}
        for provider in ET.fromstring(xml).iter("provider")
    }


@pytest.mark.parametrize("name", GOLDEN)
def test_reviewed_files(name: str) -> None:
    assert_golden(FOLDER / f"{name}.xml", golden(GOLDEN[name]))


def test_every_reviewed_file_is_looked_at() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.xml")) == sorted(GOLDEN)


def test_direct_template_with_its_own_ids() -> None:
    root = ET.fromstring(rendered(cache="1GiB"))
    assert [chain.attrib["template"] for chain in root.iter("chain")] == ["s3-storage-v3-direct"]
    assert set(providers(rendered(cache="1GiB"))) == {"cache-fs", "s3-storage-v3"}
    assert all(provider.attrib["id"] == provider.attrib["type"] for provider in root.iter("provider"))


def test_numbers_are_plain_digits_and_what_is_not_declared_is_left_out() -> None:
    assert providers(rendered(cache="400GiB"))["cache-fs"] == {"maxCacheSize": "429496729600"}
    assert "cache-fs" not in providers(rendered())


def test_instance_credentials_and_never_static_ones() -> None:
    found = providers(rendered())["s3-storage-v3"]
    assert found["useInstanceCredentials"] == "true"
    assert not {"identity", "credential"} & set(found)


@pytest.mark.parametrize(
    ("version", "explicit"), [("7.111.4", None), ("7.125.3", None), ("7.125.4", "true"), ("7.146.7", "true")]
)
def test_sdk_is_explicit_from_the_version_that_knows_it(version: str, explicit: str | None) -> None:
    assert providers(rendered(version))["s3-storage-v3"].get("awsSdkV2") == explicit


@pytest.mark.parametrize(
    ("region", "endpoint"),
    [("eu-west-1", "s3.eu-west-1.amazonaws.com"), ("cn-north-1", "s3.cn-north-1.amazonaws.com.cn")],
)
def test_endpoint_is_the_regions(region: str, endpoint: str) -> None:
    found = providers(rendered(region=region))["s3-storage-v3"]
    assert (found["region"], found["endpoint"]) == (region, endpoint)


def test_values_are_escaped() -> None:
    xml = binarystore_xml(Filestore(), version="7.111.4", bucket="a&<b>", region="us-east-1")
    assert providers(xml)["s3-storage-v3"]["bucketName"] == "a&<b>"


def test_every_copy_of_a_cluster_is_on_more_than_half_of_the_nodes_that_there_may_be() -> None:
    filestore = Filestore.from_data({"kind": "cluster-file-system"})
    found = [providers(binarystore_xml(filestore, version="7.111.4", nodes=nodes)) for nodes in (2, 3, 4, 5)]
    assert [each["sharding-cluster"]["redundancy"] for each in found] == ["2", "2", "3", "3"]


def test_durations_are_written_in_artifactorys_unit() -> None:
    tuned = {"max_balancing_run_time": "1h", "stream_wait_timeout": 5000}
    shards = {"aa": {"directory": "/mnt/a"}, "bb": {"directory": "/mnt/b"}}
    found = providers(rendered(kind="sharding", shards=shards, sharding=tuned))["sharding"]
    assert (found["maxBalancingRunTime"], found["concurrentStreamWaitTimeout"]) == ("3600000", "5000")


@pytest.mark.parametrize(
    ("version", "name"), [("7.31.9", "kmsServerSideEncryptionKeyId"), ("7.31.10", "kmsClientSideEncryptionKeyId")]
)
def test_the_clients_key_has_the_name_of_its_version(version: str, name: str) -> None:
    assert providers(rendered(version, s3={"client_side_kms_key": "k"}))["s3-storage-v3"][name] == "k"


def test_secrets_are_placeholders_and_never_references() -> None:
    azure = {"account": "acmestore", "container": "binaries", "account_key": "env:AZURE_KEY"}
    xml = rendered(kind="azure-blob-storage-v2", azure=azure)
    assert providers(xml)["azure-blob-storage-v2"]["accountKey"] == "@@SECRET:filestore-account-key@@"
    assert "AZURE_KEY" not in xml


def test_the_former_chain_stays_while_binaries_are_moved() -> None:
    former = {"kind": "nfs", "directory": "/mnt/filestore"}
    assert rendered(cache="1GiB", move_from=former) == rendered(**former, cache="1GiB")
