import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifactory_estate.base import EstateError
from artifactory_estate.repositories.model import LocalRepository, RemoteRepository, VirtualRepository
from artifactory_estate.repositories.rest_form import (
    AnyRepository,
    Form,
    compact,
    differences,
    layout_of,
    projected,
    same,
    to_create,
)
from tests.unit.repositories.declare import OWNER

MARK = "[artifactory-estate acme us-east/repositories]"
LOCAL = LocalRepository(package_type="maven", description="our own")
REMOTE = RemoteRepository(
    package_type="generic", url="http://lab.example/a", credentials="file:lab.token", store_artifacts=False
)
VIRTUAL = VirtualRepository(
    package_type="maven", repositories=("libs-local",), deploy_to="libs-local", allow_delete=True
)
ODD = LocalRepository(package_type="generic", notes=f" größe ☃ {MARK} ", adopt=True, extra={"blackedOut": True})


@pytest.mark.parametrize(
    ("repository", "fields"),
    [
        (LocalRepository(package_type="pypi"), '"packageType":"pypi"'),
        (LOCAL, '"packageType":"maven","description":"our own"'),
        (REMOTE, '"packageType":"generic","url":"http://lab.example/a","credentials":"file:lab.token","storeArtifactsLocally":false'),
        (VIRTUAL, '"packageType":"maven","allow_delete":true,"repositories":["libs-local"],"defaultDeploymentRepo":"libs-local"'),
        (ODD, '"packageType":"generic","notes":"größe ☃","adopt":true,"blackedOut":true'),
    ],
)  # fmt: skip
def test_only_what_is_not_default_is_written(repository: AnyRepository, fields: str) -> None:
    rclass = type(repository).__name__.removesuffix("Repository").lower()
    assert compact("k", repository) == f'{{"rclass":"{rclass}",{fields}}}'
    assert len(compact("k", LocalRepository(package_type="maven", description="x" * 40))) <= 120


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("repoLayoutRef", "write `layout`"),
        ("password", "place of its own"),
        ("rclass", "place"),
        ("allow_delete", "place"),
    ],
)
def test_extra_cannot_smuggle_what_has_a_name(name: str, hint: str) -> None:
    with pytest.raises(EstateError, match=f"libs.extra.{name}: .*{hint}"):
        compact("libs", LocalRepository(package_type="maven", extra={name: "x"}))


@pytest.mark.parametrize("text", ["{}", "[]", '{"rclass":"other","packageType":"maven"}', '{"rclass":"local"}', "{"])
def test_what_is_not_a_repository(text: str) -> None:
    with pytest.raises(ValueError):
        Form.parse(text)


def test_a_value_where_its_reference_belongs_is_refused_unseen() -> None:
    with pytest.raises(ValueError, match="not a reference") as caught:
        Form.parse('{"rclass":"remote","packageType":"npm","credentials":"hunter2"}')
    assert "hunter2" not in str(caught.value)


def test_what_is_sent_to_make_one() -> None:
    made = to_create("lab", Form.parse(compact("lab", REMOTE)), OWNER, "secret")
    assert made == {
        "key": "lab",
        "rclass": "remote",
        "packageType": "generic",
        "repoLayoutRef": "simple-default",
        "blockMismatchingMimeTypes": True,
        "url": "http://lab.example/a",
        "storeArtifactsLocally": False,
        "notes": MARK,
        "password": "secret",
    }
    local = to_create("l", Form.parse(compact("l", LOCAL.model_copy(update={"notes": "mine"}))), OWNER, None)
    assert (local["notes"], local["repoLayoutRef"], "password" in local) == (f"mine {MARK}", "maven-2-default", False)


@pytest.mark.parametrize(
    ("declared", "layout"),
    [
        ({"package_type": "docker"}, "simple-default"),
        ({"package_type": "gradle"}, "maven-2-default"),
        ({"package_type": "npm"}, "npm-default"),
        ({"package_type": "npm", "layout": "mine"}, "mine"),
        ({"package_type": "terraform"}, "terraform-module-default"),
        ({"package_type": "terraform", "extra": {"terraformType": "provider"}}, "terraform-provider-default"),
    ],
)
def test_layouts_by_package_type(declared: dict[str, object], layout: str) -> None:
    assert layout_of(Form.parse(compact("k", LocalRepository.from_data(declared)))) == layout


@pytest.mark.parametrize(
    ("name", "wanted", "found", "equal"),
    [
        ("description", "a", "a", True),
        ("description", "a", "a (local file cache)", True),
        ("description", "", None, True),
        ("xrayIndex", False, None, True),
        ("xrayIndex", True, None, False),
        ("projectKey", "", "default", True),
        ("projectKey", "web", "default", False),
        ("environments", ["PROD", "DEV"], ["DEV", "PROD"], True),
        ("repositories", ["a", "b"], ["b", "a"], False),
        ("maxUniqueTags", 3, 3, True),
        ("maxUniqueTags", 0, 3, False),
        ("contentSynchronisation", {"enabled": True}, {"enabled": True, "source": {"originAbsenceDetection": False}}, True),
        ("contentSynchronisation", {"source": {"x": True}}, {"enabled": True, "source": {"x": False}}, False),
        ("contentSynchronisation", {"enabled": True}, None, False),
    ],
)  # fmt: skip
def test_the_servers_way_of_saying_the_same(name: str, wanted: object, found: object, equal: bool) -> None:
    assert same(name, wanted, found) is equal


def found(form: Form, **more: object) -> dict[str, object]:
    defaults = {"excludesPattern": "", "password": "AM.crypt", "xrayIndex": False}
    return {**defaults, **to_create("k", form, OWNER, None), **more}


@pytest.mark.parametrize("repository", [LOCAL, REMOTE, VIRTUAL])
def test_what_was_made_is_neither_different_nor_drifted(repository: AnyRepository) -> None:
    form = Form.parse(compact("k", repository))
    assert differences(form, form, found(form), OWNER) == {}
    assert projected(form, found(form, packageType=repository.package_type.title())) == form.text


def test_only_what_is_declared_is_compared() -> None:
    form = Form.parse(compact("k", LOCAL))
    there = found(form, excludesPattern="tmp/**", blackedOut=True)
    assert differences(form, None, there, OWNER) == {}
    assert projected(form, there) == form.text


def test_drift_of_a_declared_field_shows_and_is_mended() -> None:
    form = Form.parse(compact("k", VIRTUAL))
    there = found(form, repositories=["other"], defaultDeploymentRepo=None)
    assert json.loads(projected(form, there)) == {
        "rclass": "virtual",
        "packageType": "maven",
        "repositories": ["other"],
        "allow_delete": True,
    }
    assert differences(form, form, there, OWNER) == {
        "repositories": ["libs-local"],
        "defaultDeploymentRepo": "libs-local",
    }


def test_what_is_no_longer_declared_returns_to_its_default() -> None:
    before = Form.parse(
        compact(
            "k",
            LocalRepository(
                package_type="npm",
                description="x",
                layout="odd",
                includes="a/**",
                notes="words",
                extra={"maxUniqueTags": 3},
            ),
        )
    )
    now = Form.parse(compact("k", LocalRepository(package_type="npm")))
    assert differences(now, before, found(before), OWNER) == {
        "description": "",
        "repoLayoutRef": "npm-default",
        "includesPattern": "**/*",
        "maxUniqueTags": None,
        "notes": MARK,
    }  # fmt: skip


def test_notes_of_others_are_kept_when_none_are_declared() -> None:
    form = Form.parse(compact("k", LocalRepository(package_type="npm")))
    assert differences(form, None, found(form, notes="ask Ann"), OWNER) == {"notes": f"ask Ann {MARK}"}


def test_what_the_server_never_tells_is_sent_when_its_declaration_changes() -> None:
    def nuget(symbols: str) -> Form:
        extra = {"symbolServerUrl": symbols}
        return Form.parse(compact("k", RemoteRepository(package_type="nuget", url="http://n.example", extra=extra)))

    there = {name: value for name, value in found(nuget("http://a")).items() if name != "symbolServerUrl"}
    assert differences(nuget("http://a"), nuget("http://a"), there, OWNER) == {}
    assert differences(nuget("http://b"), nuget("http://a"), there, OWNER) == {"symbolServerUrl": "http://b"}
    assert projected(nuget("http://a"), there) == nuget("http://a").text


TEXTS = st.text(max_size=20)
LOCALS = st.builds(
    LocalRepository,
    package_type=st.sampled_from(["maven", "npm", "generic"]),
    description=TEXTS,
    notes=TEXTS,
    includes=TEXTS,
    environments=st.lists(st.sampled_from(["DEV", "PROD"]), unique=True).map(tuple),
    xray_index=st.booleans(),
    extra=st.dictionaries(st.sampled_from(["blackedOut", "maxUniqueTags"]), st.integers(0, 9)),
)


@given(LOCALS)
def test_every_model_survives_the_round_trip(repository: LocalRepository) -> None:
    form = Form.parse(compact("k", repository))
    there = found(form)
    assert projected(form, there) == form.text
    assert differences(form, form, there, OWNER) == {}
