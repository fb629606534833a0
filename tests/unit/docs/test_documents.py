"""The documentation says what is so: it is generated, loaded, or looked up."""

import re
from pathlib import Path

import pytest

from artifactory_estate.cli import reference
from artifactory_estate.estate.load import loads
from artifactory_sandbox.faults import KINDS
from tests.unit.docs.markdown import ROOT, WRITTEN, anchors, blocks, links

GUIDE, SANDBOX = ROOT / "docs" / "guide.md", ROOT / "docs" / "sandbox.md"
WHOLE = re.compile(r"^estate:", re.MULTILINE)
FRAGMENT = "# fragment\n"
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(work|root|home|tmp|Users)/")
HOST = re.compile(r"https?://([A-Za-z0-9.-]+)")
KNOWN_HOSTS = re.compile(
    r"(.+\.)?example(\.org)?|github\.com|json-schema\.org|ACCOUNT\.blob\.core\.windows\.net|localhost|127\.0\.0\.1"
)
"""Whoever a page of ours may point to; no place that packages come from is among them."""


def test_the_reference_is_fresh() -> None:
    found = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert found == reference.text(), "run: make docs"


def test_every_key_of_the_reference_says_what_it_means() -> None:
    rows = re.findall(r"^\| (`\S+`) \|.*\| ([^|]*) \|$", reference.reference(), re.MULTILINE)
    assert len(rows) > 100
    assert [key for key, meaning in rows if not meaning.strip()] == []


def test_every_command_is_named_in_the_guide_or_on_the_sandboxs_page() -> None:
    said = GUIDE.read_text(encoding="utf-8") + SANDBOX.read_text(encoding="utf-8")
    names = [name for name, _ in reference.commands()]
    assert {"estate up", "estate sandbox fault"} <= set(names)
    assert [name for name in names if name not in said] == []


def test_commands_that_the_documentation_names_exist() -> None:
    names = {name for name, _ in reference.commands()}
    known = {word for name in names for word in (name, name.rsplit(" ", 1)[0])} - {"estate"}
    said = {
        (path.name, match)
        for path in WRITTEN
        for match in re.findall(
            r"(?:^ {4}|`)(estate (?:sandbox )?[a-z]+)", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    assert ("guide.md", "estate preview") in said
    assert sorted((page, name) for page, name in said if name not in known and name != "estate refresh") == []


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lost = []
    for link in links(text):
        target, _, fragment = link.partition("#")
        if "://" in link:
            continue
        found = (path.parent / target).resolve() if target else path
        if not found.exists() or (fragment and fragment not in anchors(found.read_text(encoding="utf-8"))):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_documents_load_and_parts_of_one_say_so(path: Path) -> None:
    for block in blocks(path.read_text(encoding="utf-8"), "yaml"):
        assert WHOLE.search(block) or block.startswith(FRAGMENT), (
            f"neither a document nor marked as a fragment:\n{block}"
        )
        if WHOLE.search(block):
            loads(block, path.name)


def test_the_readme_and_the_guide_have_a_whole_document() -> None:
    for path in (ROOT / "README.md", GUIDE):
        assert any(WHOLE.search(block) for block in blocks(path.read_text(encoding="utf-8"), "yaml"))


def test_the_table_of_faults_is_fresh() -> None:
    rows = [
        f"| `{name}` | {', '.join(f'`{field}`' for field in kind.needs if field != 'kind')} | {kind.says} |"
        for name, kind in KINDS.items()
    ]
    wanted = "\n".join(["| kind | needs | what it does |", "|---|---|---|", *rows, ""])
    assert wanted in SANDBOX.read_text(encoding="utf-8"), f"docs/sandbox.md wants this table:\n{wanted}"


def test_pages_point_to_known_hosts_and_name_no_path_of_a_machine() -> None:
    sources = [*WRITTEN, *(ROOT / "docs").rglob("*.py"), *(ROOT / "docs").rglob("*.yaml")]
    texts = {path.name: path.read_text(encoding="utf-8") for path in sources}
    hosts = {(name, host) for name, text in texts.items() for host in HOST.findall(text)}
    assert {(name, host) for name, host in hosts if not KNOWN_HOSTS.fullmatch(host)} == set()
    assert {name: MACHINE_PATH.findall(text) for name, text in texts.items() if MACHINE_PATH.search(text)} == {}


def test_the_forbidden_is_recognised() -> None:
    assert MACHINE_PATH.search("see /home/me/.venv")
    assert not KNOWN_HOSTS.fullmatch(HOST.findall("from https://packages.somewhere.net/simple")[0])
