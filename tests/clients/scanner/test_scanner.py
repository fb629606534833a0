"""Every AWS resource of whole sites, held against an independent scanner's rules; what is waived is named and reasoned."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.clients.scanner.cloudformation import Untranslated, template
from tests.clients.scanner.variants import VARIANTS, default_program, registered
from tests.support.programs import program, run
from tests.support.recording import Registered

WAIVED: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("waived.yaml").read_text())
DEFAULT = "default-program"
UNSAFE = "unsafe"


class Finding(NamedTuple):
    """A rule that a resource does not follow."""

    variant: str
    rule: str
    resource: str
    title: str


def unsafe() -> list[Registered]:
    """What the scanner has to find, or it was not looking."""
    bucket = Registered("aws:s3/bucket:Bucket", "open", {"bucket": "open"}, "", frozenset())
    everybody = {"securityGroupId": "sg-1", "cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp", "fromPort": 22, "toPort": 22}
    door = Registered("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "door", everybody, "", frozenset())
    return [bucket, door]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """One run of the scanner over all variants: most of its time is its start."""
    folder = tmp_path_factory.mktemp("templates")
    whole = {name: list(registered(**changes).resources.values()) for name, changes in VARIANTS.items()}
    whole |= {DEFAULT: list(default_program().resources.values()), UNSAFE: unsafe()}
    for name, resources in whole.items():
        (folder / f"{name}.json").write_text(json.dumps(template(resources)))
    options = ["--framework", "cloudformation", "--compact", "--quiet", "--output", "json", "--soft-fail"]
    done = run([program("client checkov"), "--directory", folder, *options], folder, within_s=500)
    assert done.returncode == 0, done.stderr[-2000:]
    answer = json.loads(done.stdout)
    assert answer["summary"]["parsing_errors"] == 0
    assert answer["summary"]["passed"] > 100 * len(VARIANTS)
    return [
        Finding(Path(each["file_path"]).stem, each["check_id"], each["resource"], each["check_name"])
        for each in answer["results"]["failed_checks"]
    ]


def waived(finding: Finding) -> bool:
    line = WAIVED.get(finding.rule)
    return line is not None and any(fnmatchcase(finding.resource, pattern) for pattern in line["resources"])


@pytest.mark.parametrize("variant", [*VARIANTS, DEFAULT])
def test_a_site_follows_every_rule_that_is_not_waived(found: list[Finding], variant: str) -> None:
    broken = [finding for finding in found if finding.variant == variant and not waived(finding)]
    assert not broken, "\n".join(f"{one.rule} {one.resource}: {one.title}" for one in broken)


def test_the_scanner_looks(found: list[Finding]) -> None:
    rules = {finding.rule for finding in found if finding.variant == UNSAFE}
    assert {"CKV_AWS_21", "CKV_AWS_24", "CKV_AWS_53"} <= rules


def unused(found: list[Finding]) -> Iterator[str]:
    for rule, line in WAIVED.items():
        for pattern in line["resources"]:
            if not any(
                one.rule == rule and fnmatchcase(one.resource, pattern) for one in found if one.variant != UNSAFE
            ):
                yield f"{rule} {pattern}"


def test_every_waived_rule_is_needed_and_reasoned(found: list[Finding]) -> None:
    assert list(unused(found)) == []
    assert all(len(str(line["why"])) >= len("As CKV_AWS_2.") for line in WAIVED.values())


def test_a_type_without_a_row_fails() -> None:
    queue = Registered("aws:sqs/queue:Queue", "queue", {}, "", frozenset())
    with pytest.raises(Untranslated, match="aws:sqs/queue:Queue"):
        template([queue])
