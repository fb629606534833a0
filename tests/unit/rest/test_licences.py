import pytest

from artifactory_estate.rest import Invalid, Platform, licences
from artifactory_estate.rest.licences import InstalledLicence, LicenceRefused
from tests.support.wire import Reply, Wire, in_turn

ITEM = {
    "type": "Enterprise Plus",
    "validThrough": "May 15, 2030",
    "licensedTo": "acme",
    "licenseHash": "ab12",
    "nodeId": "n1",
    "nodeUrl": "http://n1",
    "expired": False,
}
LICENCE = InstalledLicence("ab12", "Enterprise Plus", "May 15, 2030", False, "n1")
SINGLE = InstalledLicence("", "Commercial", "May 15, 2030", False, "")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ([ITEM], (LICENCE,)),
        ({"licenses": [ITEM]}, (LICENCE,)),
        ({"licenses": [{**ITEM, "nodeId": "Not in use", "expired": True}]}, (LICENCE._replace(node="", expired=True),)),
        ({"licenses": []}, ()),
        ({"type": "Commercial", "validThrough": "May 15, 2030", "licensedTo": "acme"}, (SINGLE,)),
        ({}, ()),
    ],
)  # fmt: skip
def test_the_pool_in_each_of_its_shapes(
    server: Wire, platform: Platform, body: object, found: tuple[InstalledLicence, ...]
) -> None:
    server.answer = in_turn(Reply(body=body))
    assert licences.installed(platform) == found


def test_blocks_are_separated_by_empty_lines() -> None:
    assert licences.pool("\none\r\n two \r\n\r\n \t\r\nthree\n\n") == ("one\ntwo", "three")
    assert licences.pool(" \n\n") == ()


def test_install_sends_what_it_is_given(server: Wire, platform: Platform) -> None:
    server.answer = in_turn(Reply(body={"status": 200, "messages": {"one\ntwo": "OK"}}))
    licences.install(platform, ["one\ntwo"])
    assert server.seen[0].json == [{"licenseKey": "one\ntwo"}]
    licences.install(platform, [])
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [200, 400])
def test_a_licence_that_is_there_already_is_no_error(server: Wire, platform: Platform, status: int) -> None:
    words = {
        "first-key": "The license already exists in the pool.",
        "second-key": "The license already exists in the pool.",
    }
    server.answer = in_turn(Reply(status, {"status": status, "messages": words}))
    licences.install(platform, ["first-key", "second-key"])
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [200, 400])
def test_the_bad_one_is_named_by_its_place(server: Wire, platform: Platform, status: int) -> None:
    words = {"first-key": "OK", "second-key": "Invalid Artifactory license."}
    server.answer = in_turn(Reply(status, {"status": status, "messages": words}))
    with pytest.raises(LicenceRefused, match=r"licence 2: Invalid Artifactory license\.$"):
        licences.install(platform, ["first-key", "second-key"])


def test_one_that_the_server_is_silent_about_is_not_taken_for_installed(server: Wire, platform: Platform) -> None:
    server.answer = in_turn(Reply(body={"status": 200, "messages": {"first-key": "OK"}}))
    with pytest.raises(LicenceRefused, match="licence 2: no word about it"):
        licences.install(platform, ["first-key", "second-key"])


def test_remove(server: Wire, platform: Platform) -> None:
    licences.remove(platform, ["ab", "cd"])
    assert (server.calls, server.seen[0].query) == (
        ["DELETE /artifactory/api/system/licenses"],
        {"licenseHash": "ab,cd"},
    )
    licences.remove(platform, [])
    assert len(server.seen) == 1
    server.answer = in_turn(Reply(400, {"status": 400, "messages": {"ab": "could not find an available license"}}))
    with pytest.raises(Invalid, match="could not find an available license"):
        licences.remove(platform, ["ab"])
