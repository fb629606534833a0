"""Files, several mistakes at once, defaults, and what is never shown."""

import subprocess
import sys
from pathlib import Path

import pytest

from artifactory_estate.base import EstateError, dotted
from artifactory_estate.estate.load import BYTES_MAX, InvalidDocument, load, loads
from artifactory_estate.estate.yaml_tree import DEPTH_MAX, WEIGHT_MAX
from artifactory_estate.site.model import ExternalSite, ManagedSite
from tests.unit.estate.documents import SAMPLE, SAMPLE_FILE, mistakes_in, mistakes_of, paths, said, spoilt

SANDBOX = Path(__file__).parents[3] / "stacks" / "estates" / "sandbox.yaml"
SECRET = "hunter2-5f1c"


def test_the_document_of_the_guide() -> None:
    estate = load(SAMPLE_FILE)
    east, lab = estate.sites["us-east"], estate.sites["lab"]
    assert isinstance(east, ManagedSite)
    assert isinstance(lab, ExternalSite)
    assert (east.aws.account, east.aws.region) == ("123456789012", "us-east-1")
    assert east.filestore.bucket.keep_old_versions == 35 * 86400
    assert lab.available
    assert estate.disaster_recovery["east"].schedule.interval == 1


def test_the_document_of_the_sandbox() -> None:
    assert load(str(SANDBOX)).estate


@pytest.mark.parametrize("found", ["nothing", "a folder", "another encoding", "too much", "a null byte in the name"])
def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, found: str) -> None:
    file = tmp_path / "acme.yaml"
    said_of = {
        "nothing": (file, "cannot be read (No such file or directory)"),
        "a folder": (tmp_path, "cannot be read (Is a directory)"),
        "another encoding": (file, "not UTF-8 (byte 8)"),
        "too much": (file, "larger than 8 MiB"),
        "a null byte in the name": (Path("a\0b"), "cannot be read"),
    }
    if found == "another encoding":
        file.write_bytes("estate: ü".encode("latin-1"))
    if found == "too much":
        file.write_bytes(b"#" * (BYTES_MAX + 1))
    path, text = said_of[found]
    with pytest.raises(InvalidDocument, match=r".") as raised:
        load(path)
    assert text in str(raised.value)
    assert str(raised.value).startswith(f"{path}: ")
    assert isinstance(raised.value, EstateError)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    file.write_text(SAMPLE, encoding="utf-8-sig")
    assert load(file) == load(SAMPLE_FILE)


@pytest.mark.parametrize("text", ["", "# nothing\n", "text", "- a\n", "---\n...\n", "42"])
def test_what_is_no_document_is_said(text: str) -> None:
    assert len(mistakes_of(text)) == 1


def test_all_mistakes_come_together_in_the_order_of_the_file() -> None:
    text = SAMPLE
    for old, new in (
        ("epoch: 1", "epoch: 0"),
        ("estate: acme", "estate: Acme"),
        ('version: "15"', "version: 15"),
        ("kind: nginx", "kind: ngnix"),
        ("package_type: pypi", "package_type: pypy"),
    ):
        text = text.replace(old, new)
    mistakes = mistakes_of(text)
    assert paths(mistakes) == [
        "estate",
        "defaults.database.version",
        "defaults.load_balancer.kind",
        "sites.us-east.repositories.local.pypi-local.package_type",
        "disaster_recovery.east.epoch",
    ], said(mistakes)
    assert [mistake.line for mistake in mistakes] == sorted(mistake.line for mistake in mistakes)


def test_an_unknown_key_hides_no_broken_rule() -> None:
    mistakes = mistakes_in({"satte": {}, "sites.lab.reach": "ssm"})
    assert set(paths(mistakes)) == {"satte", "sites.lab.reach"}, said(mistakes)


def test_what_yaml_finds_hides_no_broken_rule() -> None:
    document = spoilt(("estate: acme", "§estate: acme\nestate: other"), ("serving: us-east", "serving: lab"))
    assert paths(mistakes_of(document.text)) == ["estate", "disaster_recovery.east.serving"]


def test_a_refusal_names_file_line_column_path_and_the_way_out() -> None:
    document = spoilt(("keep_old_versions: 35d", "keep_old_versions: §3d"))
    (mistake,) = mistakes_of(document.text)
    assert str(mistake) == (
        f"acme.yaml:11:{document.column}: defaults.filestore.bucket.keep_old_versions: 3d is less than the database's"
        " point_in_time of 7d (files reference 7.3: a restored database would point at purged objects)\n"
        "    Keep old versions longer, or shorten database.point_in_time."
    )


def test_a_mistake_of_the_defaults_counts_where_every_site_says_otherwise() -> None:
    changes = {f"sites.{site}.load_balancer": {"kind": "nginx"} for site in ("us-east", "us-west", "eu-west")}
    mistakes = mistakes_in({"defaults.load_balancer.kind": "ngnix", **changes})
    assert paths(mistakes) == ["defaults.load_balancer.kind"], said(mistakes)


def test_the_text_of_very_many_mistakes_is_bounded() -> None:
    text = SAMPLE.replace("tags: {owner: platform}", f"tags: {{{', '.join(f't{n}: {n}' for n in range(300))}}}")
    with pytest.raises(InvalidDocument, match=r"\nand 200 more$") as raised:
        loads(text)
    assert len(raised.value.mistakes) == 300


def test_a_site_wins_over_the_defaults_key_by_key() -> None:
    estate = loads(SAMPLE.replace("reach: direct ", "reach: direct\n    filestore: {bucket: {allow_delete: true}}\n#"))
    east, west = estate.managed_sites["us-east"], estate.managed_sites["us-west"]
    assert (east.filestore.bucket.allow_delete, west.filestore.bucket.allow_delete) == (True, False)
    assert east.filestore.cache == west.filestore.cache == 1 << 30


def test_anchors_aliases_and_merge_keys() -> None:
    text = SAMPLE.replace(
        'nodes: {count: 2, max: 3, size: small}\n    licences: "file:.sandbox/licences/us-east',
        'nodes: &nodes {count: 2, max: 3, size: small}\n    licences: "file:.sandbox/licences/us-east',
    )
    text = text.replace("nodes: {count: 2, max: 3, size: small}", "nodes: *nodes").replace(
        "nodes: {count: 1, max: 3, size: small}", "nodes: {<<: *nodes, count: 1}"
    )
    assert "*nodes}" in text or "*nodes," in text
    assert loads(text) == loads(SAMPLE)


def test_a_mistake_behind_an_alias_is_at_its_anchor() -> None:
    document = spoilt(
        ('account: "123456789012", tags: {owner: platform}', 'account: "123456789012", tags: &tags {owner: §7}'),
        ("estate: acme", "estate: acme # tags"),
    )
    mistakes = mistakes_of(document.text + "tags: *tags\n")
    assert {(mistake.line, mistake.column) for mistake in mistakes} == {(document.line, document.column)}, said(
        mistakes
    )


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
        "a: " + "[" * (DEPTH_MAX + 2) + "]" * (DEPTH_MAX + 2),
        "[" * 100_000,
        "- " * 100_000,
        "a0: &a0 x\n" + "".join(f"a{n + 1}: &a{n + 1} [*a{n}]\n" for n in range(DEPTH_MAX + 2)),
        "{? " * 10_000,
        "[" + "x," * WEIGHT_MAX + "]",
    ],
    ids=["bomb", "deep", "open-brackets", "dashes", "deep-by-aliases", "complex-keys", "many"],
)
def test_what_would_take_all_memory_is_refused(text: str) -> None:
    (mistake,) = mistakes_of(text)
    assert "the limit of a document" in str(mistake) or "no text" in str(mistake) or "not YAML" in str(mistake)


def test_defaults_of_many_sites_are_bounded() -> None:
    sites = "".join(f"  s{n}: {{platform: managed}}\n" for n in range(2000))
    text = f"estate: acme\ndefaults: {{tags: [{', '.join('x' * 1000)}]}}\nsites:\n{sites}"
    (mistake,) = mistakes_of(text)
    assert "in all sites together" in str(mistake)


SECRET_PLACES = [
    ("token", ('token: "file:.sandbox/lab.token"', f"token: {SECRET}")),
    ("quoted", ('token: "file:.sandbox/lab.token"', f"token: '{SECRET}'")),
    ("number", ('token: "file:.sandbox/lab.token"', "token: 8675309")),
    ("leading zero", ('token: "file:.sandbox/lab.token"', "token: 08675309")),
    ("alias", ('token: "file:.sandbox/lab.token"', f"token: *{SECRET}")),
    ("tag", ('token: "file:.sandbox/lab.token"', f"token: !{SECRET} x")),
    ("list", ('token: "file:.sandbox/lab.token"', f"token: [{SECRET}]")),
    ("option", ('token: "file:.sandbox/lab.token"', f"token: aws-secretsmanager:x?{SECRET}=1")),
    ("option of a file", ('token: "file:.sandbox/lab.token"', f"token: file:x?{SECRET}=1")),
    ("whole credentials", ('credentials: {token: "file:.sandbox/lab.token"}', f"credentials: {SECRET}")),
    ("licences", ('"file:.sandbox/licences/us-west.txt"', SECRET)),
    ("remote", ('credentials: "file:.sandbox/lab.token"}', f"credentials: {SECRET}}}")),
    ("user of a URL", ("url: http://us-west.", f"url: http://me:{SECRET}@us-west.")),
    ("backend", ("backend: file://.sandbox/state", f"backend: s3://me:{SECRET}@bucket")),
]  # fmt: skip


@pytest.mark.parametrize(("place", "replacement"), SECRET_PLACES, ids=[place for place, _ in SECRET_PLACES])
def test_a_secret_in_the_wrong_place_is_refused_and_not_shown(place: str, replacement: tuple[str, str]) -> None:
    del place
    old, new = replacement
    assert SAMPLE.count(old) == 1
    mistakes = mistakes_of(SAMPLE.replace(old, new))
    assert mistakes
    assert SECRET not in said(mistakes)
    assert "8675309" not in said(mistakes)


def test_loading_imports_no_engine_no_cloud_and_no_network() -> None:
    """So `estate validate` is quick."""
    program = (
        "import sys, artifactory_estate.estate.load, artifactory_estate.estate.slices\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'pulumi', 'boto3', 'botocore', 'requests', 'moto'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_path_of_a_mistake_is_the_documents() -> None:
    """No tag of a union, no `[key]` of pydantic's."""
    mistakes = mistakes_in(
        {"sites.us-east.nodes.count": "two", "sites.lab.repositories.local": {"a b": {"package_type": "generic"}}}
    )
    assert {dotted(mistake.path) for mistake in mistakes} == {
        "sites.us-east.nodes.count",
        "sites.lab.repositories.local.a b",
    }
