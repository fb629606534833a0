from typing import Any

import pytest

from tests.unit.estate.documents import Changes
from tests.unit.estate.judged import Rule

SHA = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
GOOD = "s3://acme-packages/jfrog-artifactory-pro-7.111.4.rpm"
SOURCE = "artifactory.package.source"


def package(source: str = GOOD, **words: Any) -> Changes:
    return {"artifactory.package": {"source": source, "sha256": SHA, **words}}


def hook(path: str, name: str = "post_install") -> Changes:
    return {f"artifactory.{name}": path}


RULES = {
    "an installer": Rule(
        package(),
        package("s3://acme-packages/artifactory-7.111.4.zip"),
        SOURCE,
        "files reference 4.4: .rpm, .deb or .tar.gz",
    ),
    "an archive": Rule(
        package("https://packages.acme.example/jfrog-artifactory-pro-7.111.4-linux.tar.gz"),
        package("https://packages.acme.example/"),
        SOURCE,
        "is no installer",
    ),
    "a Debian package": Rule(
        package("s3://acme-packages/jfrog-artifactory-pro-7.111.4.deb"),
        package("s3://acme-packages/jfrog-artifactory-pro-7.111.4.msi"),
        SOURCE,
        "is no installer",
    ),
    "for x86": Rule(
        package(),
        package("s3://acme-packages/jfrog-artifactory-pro-7.111.4.aarch64.rpm"),
        SOURCE,
        "files reference 4.4: native packages do not support ARM",
    ),
    "of the version": Rule(
        package("s3://acme-packages/latest.rpm"),
        package("s3://acme-packages/jfrog-artifactory-pro-7.98.7.rpm"),
        SOURCE,
        "a package of 7.98.7, with version 7.111.4",
    ),
    "an edition for clusters": Rule(
        package(),
        package("s3://acme-packages/jfrog-artifactory-oss-7.111.4.rpm"),
        SOURCE,
        "seed 004: a cluster needs an Enterprise licence",
    ),
    "a digest of the right length": Rule(package(), package(sha256="ab"), "artifactory.package.sha256", "wrong form"),
    "a download at boot": Rule(
        package("https://packages.acme.example/jfrog-artifactory-pro-7.111.4.rpm", download_at_boot=True),
        package(download_at_boot=True),
        "artifactory.package.download_at_boot",
        "a node can read the site's own bucket, and no other one",
    ),
    "nothing to download in the sandbox": Rule(
        {},
        {"artifactory.package.download_at_boot": True},
        "artifactory.package.download_at_boot",
        "nothing is downloaded there",
    ),
    "over TLS": Rule(
        package(), package("http://packages.acme.example/a-7.111.4.rpm"), SOURCE, "s3://…, https://… or sandbox"
    ),
    "no password in the address": Rule(
        package(), package("https://me:hunter2@packages.acme.example/a.rpm"), SOURCE, "wrong form"
    ),
    "a hook within the project": Rule(
        hook("hooks/after.sh"), hook("../after.sh"), "artifactory.post_install", "a path within the project"
    ),
    "a hook that is a file": Rule(
        hook("hooks/before.sh", "pre_install"),
        hook("https://acme.example/before.sh", "pre_install"),
        "artifactory.pre_install",
        "not an address",
    ),
    "a hook by its path": Rule(
        hook("a.sh", "pre_install"),
        hook("#!/bin/sh\necho hello", "pre_install"),
        "artifactory.pre_install",
        "is no such file (the path of a shell file is wanted, not its text",
    ),
    "a hook with a name": Rule(
        hook("a.sh", "pre_install"), hook(" ", "pre_install"), "artifactory.pre_install", "a path is wanted"
    ),
    "a site's own package": Rule(
        {"sites.us-west.artifactory": ..., **package()},
        {
            "sites.eu-west.artifactory": {
                "version": "7.111.5",
                "package": {"source": "s3://acme-packages/jfrog-artifactory-pro-7.111.4.rpm", "sha256": SHA},
            }
        },
        "sites.eu-west.artifactory.package.source",
        "a package of 7.111.4, with version 7.111.5",
    ),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=[name.replace(" ", "-") for name in RULES])
def test_accepts_and_refuses(rule: Rule) -> None:
    rule.holds()
