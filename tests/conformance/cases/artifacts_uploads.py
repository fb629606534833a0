"""Uploads in parts (12.10.2)."""

from tests.conformance.calls.artifacts import API, LOCAL, PART, SHA1, STARTED, api
from tests.conformance.case import ANY, Call, Case, matching

CASES: tuple[Case, ...] = (
    Case("12.10.2", "uploads in parts are supported", api("GET", "v1/uploads/config"), 200, {"supported": True}),
    Case(
        "12.10.2",
        "an upload in parts begins with a token",
        STARTED[1],
        200,
        {"token": matching(".+")},
        before=(LOCAL,),
    ),
    Case("12.10.2", "a part has an address", PART, 200, {"url": matching("^http")}, before=STARTED),
    Case(
        "12.10.2",
        "an upload that was not completed is queued",
        Call("POST", f"{API}/v1/uploads/status", caller="bearer:$token"),
        200,
        {"status": "QUEUED", "error": ANY, "progress": ANY},
        before=STARTED,
    ),
    Case(
        "12.10.2",
        "an upload can be given up",
        Call("POST", f"{API}/v1/uploads/abort", caller="bearer:$token"),
        204,
        before=STARTED,
    ),
    Case(
        "12.10.2",
        "completing answers 202",
        Call("POST", f"{API}/v1/uploads/complete?sha1={SHA1}", caller="bearer:$token"),
        202,
        before=STARTED,
    ),
    Case(
        "12.10.2",
        "an upload of which parts are missing fails",
        Call("POST", f"{API}/v1/uploads/status", caller="bearer:$token"),
        200,
        {"status": "NON_RETRYABLE_ERROR"},
        before=(*STARTED, Call("POST", f"{API}/v1/uploads/complete?sha1={SHA1}", caller="bearer:$token")),
    ),
    Case(
        "12.10.2",
        "who may not deploy begins no upload",
        api("POST", "v1/uploads/create?repoKey=$id&repoPath=b&partSizeMB=5", caller="somebody"),
        403,
        before=(LOCAL,),
    ),
)
