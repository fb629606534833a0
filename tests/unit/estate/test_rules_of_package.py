from typing import Any

import pytest

from tests.unit.estate.documents import Changes
from tests.unit.estate.judged import Rule

SHA = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
GOOD = "s3://acme-packages/jfrog-artifactory-pro-7.111.4.rpm"
SOURCE = "artifactory.package.source"
SYSTEM = "artifactory.system_packages"


def package(source: str = GOOD, **words: Any) -> Changes:
    return {"artifactory.package": {"source": source, "sha256": SHA, **words}}


def hook(path: str, name: str = "post_install") -> Changes:
    return {f"artifactory.{name}": path}


def system(packages: object) -> Changes:
    return {SYSTEM: packages}


def system_package(name: str) -> dict[str, str]:
    return {"source": f"s3://acme-packages/{name}", "sha256": SHA}


def on_ami() -> Changes:
    return {"artifactory.package": ..., "artifactory.ami": "ami-0123456789abcdef0"}


NGINX = system_package("nginx-1.28.0-1.amzn2023.x86_64.rpm")
FRONTS: Changes = {"sites.us-east.load_balancer": {"kind": "nginx", "placement": "front"}}

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
    "an address that is no secret": Rule(
        package("https://packages.example/artifactory-7.111.4.rpm?raw=1"),
        package("https://packages.example/artifactory-7.111.4.rpm?raw=1&X-Amz-Signature=0123abcd"),
        SOURCE,
        "an address with X-Amz-Signature (decision 0002: a secret is a reference",
    ),
    "a system package's address that is no secret": Rule(
        system([{**NGINX, "source": "https://packages.example/nginx.rpm?raw=1"}]),
        system([{**NGINX, "source": "https://packages.example/nginx.rpm?token=0123abcd"}]),
        f"{SYSTEM}[0].source",
        "an address with token (decision 0002",
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
    "packages of the system from somewhere": Rule(
        system("image"), system([]), SYSTEM, "an empty list (packages are listed, or a word says where they are)"
    ),
    "a word that says where": Rule(
        system("distribution"), system("internet"), SYSTEM, "allowed: image, region, distribution or a list"
    ),
    "a package of the system by its digest": Rule(
        system([NGINX]), system([{"source": NGINX["source"]}]), f"{SYSTEM}[0].sha256", "required"
    ),
    "a package of the system for Amazon Linux": Rule(
        {**on_ami(), **system([system_package("nfs-common_2.6_amd64.deb")])},
        system([system_package("nfs-common_2.6_amd64.deb")]),
        f"{SYSTEM}[0].source",
        "without an ami the machines run Amazon Linux",
    ),
    "a package of the system for fronts": Rule(
        {**on_ami(), **FRONTS, **system([NGINX])},
        {**on_ami(), **FRONTS, **system([system_package("nginx_1.26_amd64.deb")])},
        f"{SYSTEM}[0].source",
        "fronts run Amazon Linux",
    ),
    "a package of the system for x86": Rule(
        system([NGINX]),
        system([system_package("nginx-1.28.0-1.amzn2023.aarch64.rpm")]),
        f"{SYSTEM}[0].source",
        "files reference 4.4: native packages do not support ARM",
    ),
    "a package of the system once": Rule(
        system([NGINX, system_package("nginx-core-1.28.0-1.amzn2023.x86_64.rpm")]),
        system([NGINX, NGINX]),
        f"{SYSTEM}[1].source",
        "each file has a name of its own",
    ),
    "a web server for fronts": Rule(
        {**on_ami(), **FRONTS},
        {**on_ami(), **FRONTS, **system("image")},
        SYSTEM,
        "decision 0020: a front runs Amazon Linux, whose image has no web server",
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
