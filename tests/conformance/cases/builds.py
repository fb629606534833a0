"""Builds (12.10.4)."""

from tests.conformance.case import ANY, Call, Case, exactly, includes, matching

_STARTED = "2026-01-31T12:00:00.000+0000"
_SHA1 = "a9993e364706816aba3e25717850c26c9cd0d89d"  # of "abc"
_MODULE = {"id": "m", "artifacts": [{"type": "txt", "name": "a.txt", "sha1": _SHA1}]}
_PROMOTION = {"Content-Type": "application/vnd.org.jfrog.artifactory.build.PromotionRequest+json"}


def _publish(number: str = "1", started: str = _STARTED, query: str = "", **more: object) -> Call:
    info = {"version": "1.0.1", "name": "$id", "number": number, "started": started, **more}
    kind = {"Content-Type": "application/vnd.org.jfrog.artifactory+json"}
    return Call("PUT", f"/artifactory/api/build{query}", info, headers=kind)


_RUNS = tuple(_publish(number, f"2026-0{number}-01T00:00:00.000+0000") for number in ("1", "2", "3"))
_REPOS = tuple(
    Call("PUT", f"/artifactory/api/repositories/$id-{name}", {"rclass": "local", "packageType": "generic"})
    for name in ("dev", "prod")
)
_DEPLOY = Call("PUT", "/artifactory/$id-dev/o/a.txt;build.name=$id;build.number=1", b"abc")
_READY = (*_REPOS, _DEPLOY, _publish(modules=[_MODULE]))

CASES = (
    Case("12.10.4", "publishing answers without a body and names the checksum", _publish(), 204,
         headers={"X-Checksum-Sha256": matching("^[0-9a-f]{64}$")}),
    Case("12.10.4", "a published run is read back under buildInfo, with its address",
         Call("GET", "/artifactory/api/build/$id/1"), 200,
         exactly({"buildInfo": {"version": "1.0.1", "name": "$id", "number": "1", "started": _STARTED},
                  "uri": matching("/artifactory/api/build/$id/1$")}),
         headers={"Content-Type": matching("json")}, before=(_publish(),)),
    Case("12.10.4", "fields that the server does not know stay in the build info",
         Call("GET", "/artifactory/api/build/$id/1"), 200, {"buildInfo": {"issues": {"tracker": {"name": "T"}}}},
         before=(_publish(issues={"tracker": {"name": "T"}}),)),
    Case("12.10.4", "an unknown build is a 404", Call("GET", "/artifactory/api/build/$id"), 404,
         {"errors": [{"status": 404, "message": ANY}]}),
    Case("12.10.4", "an unknown number is a 404", Call("GET", "/artifactory/api/build/$id/9"), 404,
         {"errors": [{"status": 404, "message": ANY}]}, before=(_publish(),)),
    Case("12.10.4", "runs are listed with their numbers, the last first", Call("GET", "/artifactory/api/build/$id"), 200,
         {"buildsNumbers": [{"uri": "/3"}, {"uri": "/2"}, {"uri": "/1"}], "uri": matching("/api/build/$id$")},
         before=_RUNS),
    Case("12.10.4", "all builds are listed with the start of the last run", Call("GET", "/artifactory/api/build"), 200,
         {"builds": includes({"uri": "/$id", "lastStarted": matching("^2026-03-01T")})}, before=_RUNS),
    Case("12.10.4", "a run is a JSON item of artifactory-build-info",
         Call("GET", "/artifactory/api/storage/artifactory-build-info/$id?list&deep=1"), 200,
         {"files": [{"uri": matching(r"^/1-\d+\.json$"), "folder": False}]}, before=(_publish(),)),
    Case("12.10.4", "publishing the same run again replaces it", Call("GET", "/artifactory/api/build/$id"), 200,
         {"buildsNumbers": [{"uri": "/1"}]}, before=(_publish(), _publish())),
    Case("12.10.4", "a build info without a name is refused",
         Call("PUT", "/artifactory/api/build", {"number": "1", "started": _STARTED}), 400,
         {"errors": [{"status": 400, "message": ANY}]}),
    Case("12.10.4", "a build info without a start is refused",
         Call("PUT", "/artifactory/api/build", {"name": "$id", "number": "1"}), 400),
    Case("12.10.4", "a build info that is no JSON is refused", Call("PUT", "/artifactory/api/build", "{"), 400,
         {"errors": [{"status": 400, "message": matching("^Error parsing json body")}]}),
    Case("0.4", "publishing needs a login", Call("PUT", "/artifactory/api/build", {}, caller="anonymous"), 401,
         {"errors": [{"status": 401, "message": "Authentication is required"}]}),
    Case("12.10.4", "who has no permission on a build cannot read it",
         Call("GET", "/artifactory/api/build/$id/1", caller="somebody"), 403, before=(_publish(),)),
    Case("12.10.4", "who has no permission on a build cannot delete it",
         Call("POST", "/artifactory/api/build/delete", {"buildName": "$id", "deleteAll": True}, caller="somebody"), 403,
         before=(_publish(),)),
    Case("12.10.4", "chosen numbers are deleted", Call("GET", "/artifactory/api/build/$id"), 200,
         {"buildsNumbers": [{"uri": "/2"}]},
         before=(*_RUNS, Call("POST", "/artifactory/api/build/delete", {"buildName": "$id", "buildNumbers": ["1", "3"]}))),
    Case("12.10.4", "deleteAll removes the build", Call("GET", "/artifactory/api/build/$id"), 404,
         before=(*_RUNS, Call("POST", "/artifactory/api/build/delete", {"buildName": "$id", "deleteAll": True}))),
    Case("12.10.4", "deleting answers 200 with text",
         Call("POST", "/artifactory/api/build/delete", {"buildName": "$id", "buildNumbers": ["1"]}), 200,
         matching("'$id#1'"), headers={"Content-Type": matching("text/plain")}, before=(_publish(),)),
    Case("12.10.4", "deleting an unknown build is a 404",
         Call("POST", "/artifactory/api/build/delete", {"buildName": "$id", "deleteAll": True}), 404),
    Case("12.10.4", "deleteArtifacts takes the artifacts along", Call("GET", "/artifactory/$id-dev/o/a.txt"), 404,
         before=(*_READY, Call("POST", "/artifactory/api/build/delete",
                               {"buildName": "$id", "buildNumbers": ["1"], "deleteArtifacts": True}))),
    Case("12.10.4", "without deleteArtifacts the artifacts stay", Call("GET", "/artifactory/$id-dev/o/a.txt"), 200, b"abc",
         before=(*_READY, Call("POST", "/artifactory/api/build/delete", {"buildName": "$id", "buildNumbers": ["1"]}))),
    Case("12.10.4", "a promotion answers 200 with messages",
         Call("POST", "/artifactory/api/build/promote/$id/1", {"status": "Released", "targetRepo": "$id-prod"},
              headers=_PROMOTION), 200, {"messages": []}, before=_READY),
    Case("12.10.4", "a promotion moves the artifacts", Call("GET", "/artifactory/$id-dev/o/a.txt"), 404,
         before=(*_READY, Call("POST", "/artifactory/api/build/promote/$id/1", {"targetRepo": "$id-prod"}))),
    Case("12.10.4", "moved artifacts lie at the same path of the target", Call("GET", "/artifactory/$id-prod/o/a.txt"),
         200, b"abc",
         before=(*_READY, Call("POST", "/artifactory/api/build/promote/$id/1", {"targetRepo": "$id-prod"}))),
    Case("12.10.4", "with copy the artifacts stay where they are too", Call("GET", "/artifactory/$id-dev/o/a.txt"), 200,
         before=(*_READY, Call("POST", "/artifactory/api/build/promote/$id/1",
                               {"targetRepo": "$id-prod", "copy": True}))),
    Case("12.10.4", "a dry run moves nothing", Call("GET", "/artifactory/$id-prod/o/a.txt"), 404,
         before=(*_READY, Call("POST", "/artifactory/api/build/promote/$id/1",
                               {"targetRepo": "$id-prod", "dryRun": True}))),
    Case("12.10.4", "a promotion attaches its properties",
         Call("GET", "/artifactory/api/storage/$id-prod/o/a.txt?properties"), 200,
         {"properties": {"stage": ["one", "two"], "build.name": ["$id"]}},
         before=(*_READY, Call("POST", "/artifactory/api/build/promote/$id/1",
                               {"targetRepo": "$id-prod", "properties": {"stage": ["one", "two"]}}))),
    Case("12.10.4", "a promotion stays written in the run", Call("GET", "/artifactory/api/build/$id/1"), 200,
         {"buildInfo": {"statuses": [{"status": "Staged", "comment": "c", "user": "admin"}]}},
         before=(_publish(), Call("POST", "/artifactory/api/build/promote/$id/1", {"status": "Staged", "comment": "c"}))),
    Case("12.10.4", "an unknown run cannot be promoted",
         Call("POST", "/artifactory/api/build/promote/$id/1", {"status": "x"}), 404),
    Case("12.10.4", "retention keeps the last runs", Call("GET", "/artifactory/api/build/$id"), 200,
         {"buildsNumbers": [{"uri": "/3"}]},
         before=(*_RUNS, Call("POST", "/artifactory/api/build/retention/$id?async=false",
                              {"count": 1, "deleteBuildArtifacts": False}))),
    Case("12.10.4", "retention spares the numbers that are named", Call("GET", "/artifactory/api/build/$id"), 200,
         {"buildsNumbers": [{"uri": "/3"}, {"uri": "/1"}]},
         before=(*_RUNS, Call("POST", "/artifactory/api/build/retention/$id?async=false",
                              {"count": 1, "buildNumbersNotToBeDiscarded": ["1"]}))),
    Case("12.10.4", "retention answers 204",
         Call("POST", "/artifactory/api/build/retention/$id?async=true", {"count": 5}), 204, before=(_publish(),)),
    Case("12.10.4", "artifacts of a run are found where they are stored",
         Call("GET", "/artifactory/api/builds/buildArtifacts/$id/1/artifactory-build-info"), 200,
         [{"repo": "$id-dev", "path": "o", "name": "a.txt"}], before=_READY),
    Case("12.10.4", "a distribution copies what a run made",
         Call("POST", "/artifactory/api/build/distribute/$id/1",
              {"sourceRepos": ["$id-dev"], "targetRepo": "$id-prod", "dryRun": False}), 200, before=_READY),
    Case("12.10.4", "a scan of a run answers JSON",
         Call("POST", "/artifactory/api/xray/scanBuild", {"buildName": "$id", "buildNumber": "1"}), 200,
         {"alerts": []}, before=(_publish(),)),
    Case("12.10.3", "items of a build are found by a query",
         Call("POST", "/artifactory/api/search/aql", 'items.find({"repo": "$id-dev", "artifact.module.build.name": "$id"})'), 200,
         {"results": [{"repo": "$id-dev", "path": "o", "name": "a.txt"}]}, before=_READY),
    Case("12.10.4", "a project that does not exist has no builds",
         Call("GET", "/artifactory/api/build/$id?project=none"), 404, before=(_publish(),)),
    Case("12.10.4", "the project default is the global one", Call("GET", "/artifactory/api/build/$id/1?project=default"),
         200, {"buildInfo": {"name": "$id"}}, before=(_publish(),)),
)  # fmt: skip
