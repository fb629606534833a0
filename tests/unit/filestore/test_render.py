"""binarystore.xml."""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from artifactory_estate.filestore.model import Filestore
from artifactory_estate.filestore.render import binarystore_xml
from tests.support.golden import assert_golden

GOLDEN = Path(__file__).parent / "golden"


def rendered(version: str = "7.111.4", region: str = "us-east-1", **declared: Any) -> str:
    return binarystore_xml(Filestore.from_data(declared), version=version, bucket="acme-store", region=region)


def providers(xml: str) -> dict[str, dict[str, str | None]]:
    return {
        provider.attrib["id"]: {parameter.tag: parameter.text for parameter in provider}
        for provider in ET.fromstring(xml).iter("provider")
    }


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("s3-storage-v3", {"kind": "s3-storage-v3", "cache": "1GiB"}),
        ("cache-fs", {"kind": "cache-fs", "cache": "400GiB", "directory": "/mnt/binaries"}),
        ("file-system", {"kind": "file-system"}),
    ],
)
def test_reviewed_files(name: str, declared: dict[str, Any]) -> None:
    assert_golden(GOLDEN / f"{name}.xml", rendered(**declared))


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
