"""Instances with nginx or Apache in front: what they are, and the script that keeps them so."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from artifactory_estate.cloud.node_reports import NodeReport
from artifactory_estate.load_balancer.model import OwnCertificate
from artifactory_estate.site.fronts import front_policy
from artifactory_estate.site.installation import Artifactory
from artifactory_estate.site.render import bundle, front_data
from artifactory_estate.site.sizes import fronts_of
from tests.unit.site.site_values import ARTIFACTORY, DATABASE, names, site_of

FRONT = {"kind": "nginx", "placement": "front"}
OWN = OwnCertificate(certificate="file:site.crt", key="file:site.key").to_data()
HTTPS = "https://us-east.repo.acme.example"

AWS = """#!/bin/bash
case "$1 $2" in
  "elbv2 describe-target-groups") [[ $4 == acme-us-east-router-tcp ]] && echo arn:nodes ;;
  "elbv2 describe-target-health") tr '\\n' '\\t' <"$STUB/nodes" ;;
  "ec2 describe-instances") shift 3; for id in "$@"; do [[ $id != --* ]] || break; printf '10.0.0.%s\\t' "${id#i-}"; done ;;
  "secretsmanager get-secret-value") cat "$STUB/${4##*/}" ;;
  "s3api put-object") echo "$6" >>"$STUB/reported" && cp "$8" "$STUB/report" ;;
esac
"""
DNF = """#!/bin/bash
echo "$*" >>"$STUB/installed"
[[ ! -e $STUB/no-packages ]] || { echo "no route to the packages" >&2; exit 1; }
"""
SYSTEMCTL = """#!/bin/bash
echo "$*" >>"$STUB/calls"
case $1 in
  is-active) [[ -e $STUB/active ]] ;;
  enable) touch "$STUB/active" ;;
esac
"""


@dataclass
class Front:
    """A machine with stubs of AWS, systemctl and the package manager."""

    folder: Path
    kind: str = "nginx"
    own: bool = False
    artifactory: Artifactory = ARTIFACTORY

    def __post_init__(self) -> None:
        self.root = self.folder / "root"
        self.conf = self.root / f"etc/{self.server}/conf.d/artifactory.conf"
        binaries = self.folder / "bin"
        binaries.mkdir(parents=True)
        for name, text in (("aws", AWS), ("systemctl", SYSTEMCTL), ("dnf", DNF)):
            (binaries / name).write_text(text)
            (binaries / name).chmod(0o755)
        balancer = {**FRONT, "kind": self.kind, **({"own_certificate": OWN} if self.own else {})}
        site = site_of(url=HTTPS if self.own else HTTPS.replace("https", "http"), load_balancer=balancer)
        for name, text in bundle(names(site), site, self.artifactory, DATABASE, "sandbox", {}).items():
            (self.folder / name).write_text(text)
        (self.folder / "nodes").touch()
        instance = self.root / "var/lib/cloud/data/instance-id"
        instance.parent.mkdir(parents=True)
        instance.write_text("i-front\n")

    @property
    def server(self) -> str:
        return {"nginx": "nginx", "apache": "httpd"}[self.kind]

    def run(self, *nodes: int) -> str:
        """One round, with these nodes healthy; what it did to the service, and what it said."""
        (self.folder / "nodes").write_text("\n".join(f"i-{node}" for node in nodes))
        (self.folder / "calls").write_text("")
        environ = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "STUB": str(self.folder),
            "ESTATE_ROOT": str(self.root),
            "ESTATE_FRONT_WAIT": "0",
            "ESTATE_BUNDLE": "0" * 64,
        }
        done = subprocess.run(
            ["/bin/bash", self.folder / "front.sh"],
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        calls = [line for line in (self.folder / "calls").read_text().splitlines() if not line.startswith("is-active")]
        return "\n".join([*calls, done.stdout, done.stderr])


@pytest.mark.parametrize("kind", ["nginx", "apache"])
def test_it_follows_the_healthy_nodes(tmp_path: Path, kind: str) -> None:
    front = Front(tmp_path, kind)
    assert "no node is healthy" in front.run()
    assert not front.conf.exists()
    assert f"enable --now {front.server}" in front.run(2, 1)
    assert [line.count("10.0.0.") for line in front.conf.read_text().splitlines() if "10.0.0." in line] == [1] * 4
    assert "@@NODE@@" not in front.conf.read_text()
    assert front.run(2, 1).strip() == ""
    assert f"reload {front.server}" in front.run(1, 2, 3)
    assert "10.0.0.3:8082" in front.conf.read_text()
    assert "no node is healthy" in front.run()
    assert "10.0.0.3:8082" in front.conf.read_text()
    assert f"reload {front.server}" in front.run(3)
    assert "10.0.0.1:" not in front.conf.read_text()


def test_a_new_certificate_is_a_reload(tmp_path: Path) -> None:
    front = Front(tmp_path, own=True)
    for name in ("tls-crt", "tls-key"):
        (tmp_path / name).write_text(f"first {name}\n")
    assert "enable --now nginx" in front.run(1)
    key = front.root / "etc/artifactory-estate/tls/site.key"
    assert (key.read_text(), key.stat().st_mode & 0o777) == ("first tls-key\n", 0o600)
    assert front.run(1).strip() == ""
    (tmp_path / "tls-crt").write_text("second\n")
    assert "reload nginx" in front.run(1)
    assert (front.root / "etc/artifactory-estate/tls/site.crt").read_text() == "second\n"


@pytest.mark.parametrize(
    ("declared", "asks"),
    [
        (None, "--disablerepo=* --enablerepo=amazonlinux install"),
        ("distribution", "install"),
    ],
)
def test_its_web_server_comes_from_where_the_document_says(tmp_path: Path, declared: str | None, asks: str) -> None:
    front = Front(tmp_path, artifactory=Artifactory(version="7.111.4", ami="ami-0123456789", system_packages=declared))
    front.run(1)
    assert (tmp_path / "installed").read_text() == f"{asks} -y --quiet nginx\n"


def test_one_that_does_not_serve_says_why_at_every_round_and_that_it_does_once(tmp_path: Path) -> None:
    front, said = Front(tmp_path), tmp_path / "reported"

    def report() -> NodeReport:
        return NodeReport.from_data(json.loads((tmp_path / "report").read_text()))

    (tmp_path / "no-packages").touch()
    assert "FAILED: cannot install nginx: no route to the packages" in front.run(1)
    assert (report().instance, report().status, report().bundle) == ("i-front", "failed", "0" * 64)
    assert report().reason == "cannot install nginx: no route to the packages "
    front.run(1)
    assert said.read_text().split() == ["fronts/i-front.json"] * 2
    (tmp_path / "no-packages").unlink()
    assert "no node is healthy" in front.run()
    assert (report().status, report().reason) == ("ready", "")
    front.run(1)
    front.run(1, 2)
    assert len(said.read_text().split()) == 3
    (front.root / "etc/nginx/conf.d/artifactory.conf.new").mkdir()
    assert "Is a directory" in front.run(1)
    assert report().status == "failed" and report().reason.startswith("line ")


def test_user_data_runs_it_now_and_every_ten_seconds() -> None:
    data = yaml.safe_load(front_data(names()))
    script, service, timer = (file["content"] for file in data["write_files"])
    assert script.rstrip().endswith('bash "$work/bundle/front.sh"')
    assert data["write_files"][0]["path"] in service
    assert "OnUnitInactiveSec=10s" in timer
    assert data["runcmd"][0] == [data["write_files"][0]["path"]]


def test_nodes_have_no_web_server_then() -> None:
    site = site_of(load_balancer=FRONT)
    files = bundle(names(site), site, ARTIFACTORY, DATABASE, "sandbox", {})
    assert "WEB_SERVER=''" in files["bootstrap.sh"]
    assert "WEB_SERVER=nginx" in files["front.sh"]


def test_another_certificate_is_another_bundle() -> None:
    site = site_of(url=HTTPS, load_balancer={"kind": "nginx", "own_certificate": OWN})
    files = [bundle(names(site), site, ARTIFACTORY, DATABASE, "sandbox", {}, certificate=mark) for mark in ("a", "b")]
    assert {name for name in files[0] if files[0][name] != files[1][name]} == {"certificate"}


@pytest.mark.parametrize(
    ("nodes", "declared", "wanted"),
    [
        ({"count": 1, "size": "small"}, {}, 1),
        ({"count": 2, "size": "small"}, {}, 2),
        ({"count": 6, "size": "2xlarge"}, {}, 3),
        ({"count": 2, "size": "small"}, {"count": 4}, 4),
    ],
)
def test_how_many(nodes: dict[str, object], declared: dict[str, int], wanted: int) -> None:
    assert fronts_of(site_of(nodes=nodes, load_balancer={**FRONT, "fronts": declared})) == wanted


def test_least_privilege() -> None:
    policy = json.loads(front_policy(names(), "arn:aws:kms:us-east-1:123456789012:key/1"))
    allowed = {row["Sid"]: (row["Action"], row["Resource"]) for row in policy["Statement"]}
    bucket = "arn:aws:s3:::acme-us-east-site-123456789012"
    assert allowed["Bundles"] == (["s3:GetObject"], [f"{bucket}/bundles/*", f"{bucket}/packages/*"])
    assert allowed["Reports"] == (["s3:PutObject"], [f"{bucket}/fronts/*"])
    assert allowed["Certificate"][1] == ["arn:aws:secretsmanager:us-east-1:123456789012:secret:acme/us-east/tls-*"]
    assert all(action.split(":")[1].startswith("Describe") for action in allowed["Nodes"][0])
    through = ["s3.us-east-1.amazonaws.com", "secretsmanager.us-east-1.amazonaws.com"]
    condition = {row["Sid"]: row.get("Condition") for row in policy["Statement"]}
    assert condition["Key"] == {"StringEquals": {"kms:ViaService": through}}
