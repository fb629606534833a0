import re
from typing import Any

import pytest

from artifactory_estate.rest import Forbidden, Invalid, Platform, ServerFailed, repositories
from artifactory_estate.rest.repositories import RepositoriesRejected
from tests.support.wire import Reply, Seen, Wire, in_turn

API = "/artifactory/api/repositories"
BATCH = "/artifactory/api/v2/repositories/batch"


def envelope(status: int, message: str) -> Reply:
    return Reply(status, {"errors": [{"status": status, "message": message}]})


def items(count: int) -> list[dict[str, Any]]:
    return [{"key": f"r{n}", "rclass": "local", "packageType": "generic"} for n in range(count)]


class Server:
    """Answers by path; says which version it is."""

    def __init__(self, version: str, **answers: Reply) -> None:
        self.version = version
        self.batch = answers.get("batch", Reply(201))
        self.single = answers.get("single", Reply(200))

    def __call__(self, seen: Seen) -> Reply:
        if seen.path.endswith("/system/version"):
            return Reply(body={"version": self.version})
        return self.batch if seen.path == BATCH else self.single


@pytest.mark.parametrize(
    ("version", "call", "writes"),
    [
        ("7.84.2", "create", [f"PUT {API}/r0", f"PUT {API}/r1"]),
        ("7.84.3", "create", [f"PUT {BATCH}"]),
        ("7.84.3", "update", [f"POST {API}/r0", f"POST {API}/r1"]),
        ("7.104.1", "update", [f"POST {API}/r0", f"POST {API}/r1"]),
        ("7.104.2", "update", [f"POST {BATCH}"]),
        ("8.0.0", "update", [f"POST {BATCH}"]),
    ],
)
def test_batches_by_the_version_of_each_verb(
    server: Wire, platform: Platform, version: str, call: str, writes: list[str]
) -> None:
    server.answer = Server(version)
    getattr(repositories, call)(platform, items(2))
    assert server.writes == writes


@pytest.mark.parametrize("status", [404, 405])
def test_a_server_without_the_batch_it_should_have_is_asked_for_it_once(
    server: Wire, platform: Platform, status: int
) -> None:
    server.answer = Server("7.111.4", batch=envelope(status, "no such call"))
    repositories.create(platform, items(2))
    repositories.create(platform, items(3))
    assert server.writes.count(f"PUT {BATCH}") == 1
    assert server.writes.count(f"PUT {API}/r1") == 2


def test_one_is_no_batch(server: Wire, platform: Platform) -> None:
    repositories.create(platform, items(1))
    assert server.calls == [f"PUT {API}/r0"]


def test_nothing_is_no_call_and_too_many_is_a_mistake(server: Wire, platform: Platform) -> None:
    repositories.create(platform, [])
    with pytest.raises(ValueError, match="101 repositories in one call"):
        repositories.create(platform, items(101))
    assert server.seen == []


def test_the_one_that_the_server_names_is_named(server: Wire, platform: Platform) -> None:
    words = "error when validating repository name: r1 : Repository key already exists"
    server.answer = Server("7.111.4", batch=envelope(400, words))
    with pytest.raises(RepositoriesRejected, match="refused the repository r1: error when validating") as caught:
        repositories.create(platform, items(12))
    assert caught.value.taken == {"r1"}
    assert server.writes == [f"PUT {BATCH}"]


def test_the_one_that_it_does_not_name_is_found_by_single_calls(server: Wire, platform: Platform) -> None:
    def answer(seen: Seen) -> Reply:
        bad = envelope(400, "Unable to find repository layout by the name: odd")
        return Server("7.111.4", batch=bad, single=bad if seen.path.endswith("/r2") else Reply(200))(seen)

    server.answer = answer
    with pytest.raises(RepositoriesRejected) as caught:
        repositories.create(platform, items(4))
    assert caught.value.said == {"r2": "Unable to find repository layout by the name: odd"}
    assert caught.value.taken == set()
    assert server.writes == [f"PUT {BATCH}", *(f"PUT {API}/r{n}" for n in range(4))]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Repository 'libs' does not exist", "libs"),
        ("cannot change libs-local.", "libs-local"),
        ("libs-local and libs are wrong", None),
        ("library is wrong", None),
        ("my.libs", None),
        ("", None),
    ],
)
def test_whom_words_name(text: str, key: str | None) -> None:
    assert repositories._named_in(text, [{"key": "libs"}, {"key": "libs-local"}]) == key


def test_other_errors_are_not_a_repositorys(server: Wire, platform: Platform) -> None:
    server.answer = Server("7.111.4", batch=envelope(403, "r1 is Forbidden"))
    with pytest.raises(Forbidden):
        repositories.create(platform, items(2))
    assert server.writes == [f"PUT {BATCH}"]
    server.answer = Server("7.111.4", single=envelope(403, "r0 is Forbidden"))
    with pytest.raises(Forbidden):
        repositories.create(platform, items(1))


def test_a_value_of_the_wrong_type_is_a_500_and_still_a_repositorys(server: Wire, platform: Platform) -> None:
    odd = envelope(500, "Error converting from 'String' to 'Integer' For input string: \"many\"")
    server.answer = lambda seen: Server("7.111.4", batch=odd, single=odd if seen.path.endswith("/r1") else Reply())(
        seen
    )
    with pytest.raises(RepositoriesRejected, match="refused the repository r1: Error converting"):
        repositories.create(platform, items(3))


def test_configurations_in_one_request(server: Wire, platform: Platform) -> None:
    server.answer = in_turn(
        Reply(body={"LOCAL": [{"key": "a"}, {"key": "b"}], "VIRTUAL": [], "FEDERATED": [{"key": "c"}]})
    )
    assert sorted(repositories.all_configurations(platform)) == ["a", "b", "c"]
    assert server.calls == [f"GET {API}/configurations"]


@pytest.mark.parametrize("status", [400, 404, 405])
def test_configurations_one_by_one_where_the_server_lacks_the_call(
    server: Wire, platform: Platform, status: int
) -> None:
    def answer(seen: Seen) -> Reply:
        if seen.path == API:
            return Reply(body=[{"key": "a", "type": "LOCAL"}, {"key": "gone meanwhile", "type": "LOCAL"}])
        return (
            Reply(body={"key": "a", "rclass": "local"}) if seen.path == f"{API}/a" else envelope(status, "Bad Request")
        )

    server.answer = answer
    if status == 405:
        with pytest.raises(Exception, match="405"):
            repositories.all_configurations(platform)
    else:
        assert repositories.all_configurations(platform) == {"a": {"key": "a", "rclass": "local"}}
    assert server.calls == [f"GET {API}/configurations", f"GET {API}", f"GET {API}/a", f"GET {API}/gone%20meanwhile"]


@pytest.mark.parametrize(("status", "message"), [(400, "Bad Request"), (404, "No repository")])
def test_a_missing_repository_is_none(server: Wire, platform: Platform, status: int, message: str) -> None:
    server.answer = in_turn(envelope(status, message))
    assert repositories.configuration(platform, "x") is None


@pytest.mark.parametrize("status", [401, 403, 415, 500])
def test_other_answers_are_not_taken_for_missing(server: Wire, platform: Platform, status: int) -> None:
    server.answer = in_turn(envelope(status, "no"))
    with pytest.raises(Exception, match=f"answered {status}"):
        repositories.configuration(platform, "x")


SHAPE = {"repoKey": "x", "deletedArtifactsCount": 0}


@pytest.mark.parametrize(
    ("reply", "was_there"),
    [
        (Reply(200, {**SHAPE, "statusMsg": "Repository 'x' … removed successfully.", "success": True}), True),
        (Reply(200, "Repository 'x' has been removed successfully."), True),
        (Reply(404, {**SHAPE, "statusMsg": "Cannot delete repository: 'x', repository config does not exist", "success": False}), False),
        (envelope(404, "Could not find a repository named x"), False),
        (envelope(400, "Repository x does not exist"), False),
    ],
)  # fmt: skip
def test_delete_in_each_of_its_shapes(server: Wire, platform: Platform, reply: Reply, was_there: bool) -> None:
    server.answer = in_turn(reply)
    assert repositories.delete(platform, "x") is was_there


@pytest.mark.parametrize(("status", "error"), [(400, Invalid), (403, Forbidden), (500, ServerFailed)])
def test_a_refused_delete_is_an_error(server: Wire, platform: Platform, status: int, error: type[Exception]) -> None:
    server.answer = in_turn(envelope(status, "it is in use"))
    with pytest.raises(error, match="it is in use"):
        repositories.delete(platform, "x")


def test_the_media_type_is_bare(server: Wire, platform: Platform) -> None:
    repositories.update(platform, items(1))
    assert re.fullmatch("application/json", server.seen[0].headers["Content-Type"])


def test_project(server: Wire, platform: Platform) -> None:
    repositories.attach_to_project(platform, "web-libs", "web")
    repositories.attach_to_project(platform, "web-libs", "")
    base = "/access/api/v1/projects/_/attach/repositories/web-libs"
    assert server.calls == [f"PUT {base}/web", f"DELETE {base}"]


def test_a_deployment_repository_is_cleared_by_a_name_that_does_not_exist(server: Wire, platform: Platform) -> None:
    repositories.update(platform, [{"key": "v", "rclass": "virtual", "defaultDeploymentRepo": ""}])
    repositories.update(platform, [{"key": "v", "rclass": "virtual", "description": ""}])
    assert server.seen[0].json["defaultDeploymentRepo"] == repositories.UNSET_DEPLOYMENT
    assert "defaultDeploymentRepo" not in server.seen[1].json
