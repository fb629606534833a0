"""Who may do what with items, and what copies and moves say about it (6.1, 6.2)."""

from typing import Any

import pytest

from tests.platform.running import Bare

JANE = ("jane", "Password1!")


@pytest.fixture(scope="module", autouse=True)
def _world(platform: Bare) -> None:
    for key in ("from", "to"):
        platform.make(key)
    platform.make("both", "virtual", repositories=["from", "to"])
    user = {"name": "jane", "password": JANE[1], "email": "jane@acme.example"}
    assert platform.api("PUT", "security/users/jane", json=user).status_code == 201
    allow(platform, "reads", ["**"], "read")
    allow(platform, "writes", ["open/**"], "read", "write")
    allow(platform, "all", ["all/**"], "read", "write", "delete", "annotate", "managedXrayMeta")


def allow(platform: Bare, name: str, patterns: list[str], *actions: str) -> None:
    repo = {"include-patterns": patterns, "repositories": ["from", "to"], "actions": {"users": {"jane": list(actions)}}}
    body = {"name": name, "repo": {**repo, "actions": {"users": {"jane": [one for one in actions if one[0] != "m"]}}}}
    answer = platform.api("PUT", f"v2/security/permissions/{name}", json=body)
    assert answer.ok, answer.text


def levels(answer: Any) -> list[str]:
    return [one["level"] for one in answer.json()["messages"]]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "from/shut/new.txt", 403),
        ("PUT", "from/open/new.txt", 201),
        ("PUT", "from/open/new.txt;a=1", 403),
        ("PUT", "from/all/new.txt;a=1", 201),
        ("DELETE", "from/open/new.txt", 403),
        ("DELETE", "from/all/new.txt", 204),
    ],
)
def test_permissions_decide_about_items(platform: Bare, method: str, path: str, status: int) -> None:
    assert platform(method, f"/artifactory/{path}", auth=JANE, data=b"jane").status_code == status


def test_overwriting_another_content_needs_the_permission_to_delete(platform: Bare) -> None:
    for folder, status in (("open", 403), ("all", 201)):
        platform.put(f"from/{folder}/over.txt", b"first")
        assert platform.put(f"from/{folder}/over.txt", b"first", auth=JANE).status_code == 201
        assert platform.put(f"from/{folder}/over.txt", b"second", auth=JANE).status_code == status


def test_a_folder_is_deleted_only_by_who_may_delete_all_in_it(platform: Bare) -> None:
    platform.put("from/all/mine/a.txt", b"x")
    assert platform("DELETE", "/artifactory/from/all/mine", auth=JANE).status_code == 204
    platform.put("from/both/all/a.txt", b"x")
    assert platform("DELETE", "/artifactory/from/both", auth=JANE).status_code == 403


def test_a_copy_takes_what_may_be_copied_and_tells_of_the_rest(platform: Bare) -> None:
    platform.put("from/tree/a.txt", b"a")
    answer = platform.api("POST", "copy/from/tree?to=/to/shut", auth=JANE)
    assert (answer.status_code, "ERROR" in levels(answer)) == (403, True)
    assert platform.get("to/shut/a.txt").status_code == 404
    assert platform.api("POST", "copy/from/tree?to=/to/open/x", auth=JANE).status_code == 200
    platform.put("to/open/x/tree/a.txt", b"other")
    again = platform.api("POST", "copy/from/tree?to=/to/open/x", auth=JANE)
    assert (again.status_code, "override" in again.text) == (403, True)


def test_a_move_needs_the_permission_to_delete(platform: Bare) -> None:
    platform.put("from/open/kept.txt", b"k")
    platform.put("from/all/goes.txt", b"g")
    assert platform.api("POST", "move/from/open/kept.txt?to=/to/open/k.txt", auth=JANE).status_code == 403
    assert platform.get("from/open/kept.txt").status_code == 200
    assert platform.api("POST", "move/from/all/goes.txt?to=/to/open/g.txt", auth=JANE).status_code == 200
    assert (platform.get("from/all/goes.txt").status_code, platform.get("to/open/g.txt").content) == (404, b"g")


def test_a_move_of_which_something_is_refused_leaves_that(platform: Bare) -> None:
    platform.make("texts", excludesPattern="**/*.tmp")
    platform.put("from/mixed/a.txt", b"a")
    platform.put("from/mixed/b.tmp", b"b")
    answer = platform.api("POST", "move/from/mixed?to=/texts/mixed")
    assert (answer.status_code, levels(answer)) == (403, ["ERROR", "INFO"])
    assert (platform.get("texts/mixed/a.txt").content, platform.get("from/mixed/b.tmp").content) == (b"a", b"b")
    assert platform.get("from/mixed/a.txt").status_code == 404


def test_a_fast_failure_stops_at_the_first(platform: Bare) -> None:
    platform.make("none", includesPattern="**/*.none")
    for name in ("a", "b", "c"):
        platform.put(f"from/fast/{name}.txt", b"x")
    slow = platform.api("POST", "copy/from/fast?to=/none/fast")
    fast = platform.api("POST", "copy/from/fast?to=/none/fast2&failFast=1")
    assert (levels(slow).count("ERROR"), levels(fast).count("ERROR")) == (3, 1)


def test_an_existing_folder_takes_a_copy_in_and_a_file_is_replaced(platform: Bare) -> None:
    platform.put("from/u/f.txt", b"new")
    platform.put("to/u/old.txt", b"old")
    platform.api("POST", "copy/from/u?to=/to/u")
    assert platform.get("to/u/u/f.txt").content == b"new"
    platform.api("POST", "copy/from/u/f.txt?to=/to/u/old.txt")
    assert platform.get("to/u/old.txt").content == b"new"
    platform.put("to/kind/f.txt/below.txt", b"x")
    assert platform.api("POST", "copy/from/u?to=/to/kind2").status_code == 200
    refused = platform.api("POST", "copy/to/kind?to=/to/kind2&failFast=1")
    assert refused.status_code == 200  # below kind2, so nothing is in the way
    assert platform.api("POST", "copy/from/u?to=/from/u/inner").status_code == 400
    assert platform.api("POST", "copy/from/u/f.txt?to=/from/u/f.txt").status_code == 400


def test_layouts_are_translated_unless_told_otherwise(platform: Bare) -> None:
    platform.make("mvn", packageType="maven", repoLayoutRef="maven-2-default")
    platform.make("ivy", packageType="ivy", repoLayoutRef="ivy-default")
    platform.put("mvn/org/acme/m/1.0/m-1.0.jar", b"jar")
    assert platform.api("POST", "copy/mvn/org/acme?to=/ivy/org/acme").status_code == 200
    assert platform.get("ivy/org.acme/m/1.0/jars/m-1.0.jar").content == b"jar"
    assert platform.api("POST", "copy/mvn/org/acme/m?to=/ivy/plain&suppressLayouts=1").status_code == 200
    assert platform.get("ivy/plain/1.0/m-1.0.jar").content == b"jar"


def test_a_virtual_repository_shows_what_its_members_let_the_caller_see(platform: Bare) -> None:
    platform.make("hidden")
    platform.put("hidden/v/h.txt", b"h")
    platform.put("from/v/f.txt", b"f")
    platform.make("mixed", "virtual", repositories=["hidden", "from"])
    assert platform.api("GET", "storage/mixed/v", auth=JANE).json()["children"] == [{"uri": "/f.txt", "folder": False}]
    assert platform.get("mixed/v/h.txt", auth=JANE).status_code == 404
    assert platform.get("mixed/v/f.txt", auth=JANE).content == b"f"
    assert "h.txt" not in platform.get("mixed/v/", auth=JANE).text
    platform.make("closed", "virtual", repositories=["hidden"])
    assert platform.get("closed/v/h.txt", auth=JANE).status_code == 403


def test_permissions_of_an_item_are_listed(platform: Bare) -> None:
    shown = platform.api("GET", "storage/from/all?permissions").json()["principals"]
    assert set(shown["users"]["jane"]) == {"d", "w", "n", "r"}
    assert platform.api("GET", "storage/from/all?permissions", auth=JANE).status_code == 403
