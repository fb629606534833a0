"""What holds for every call: credentials, headers, shapes of errors (0.3, 0.4, 10.2)."""

from tests.conformance.case import ABSENT, Call, Case, exactly, matching

API = "/artifactory/api"
ACCESS = "/access/api"
CHALLENGE = {"WWW-Authenticate": 'Basic realm="Artifactory Realm"'}
JSON = {"Content-Type": matching(r"^application/([\w.+-]+\+)?json")}
TEXT = {"Content-Type": matching(r"^text/plain")}
TOKEN = Call("POST", f"{ACCESS}/v1/tokens", {}, keep={"token": "access_token", "token_id": "token_id"})
LOCAL = Call("PUT", f"{API}/repositories/$id", {"rclass": "local", "packageType": "generic"})
FILE = Call("PUT", "/artifactory/$id/a/b.txt", "content")


def envelope(status: int, message: str) -> object:
    """Artifactory's generic errors: nothing but status and message."""
    return exactly({"errors": [exactly({"status": status, "message": message})]})


_IDENTITY = {
    "X-JFrog-Version": matching(r"^Artifactory/\d+\.\d+\.\d+ \d+$"),
    "X-Artifactory-Id": matching(r"^[0-9a-f]{40}$"),
    "X-Artifactory-Node-Id": matching(r"^node-"),
}

_CREDENTIALS = (
    Case("0.3", "a user and a password", Call("GET", f"{API}/repositories"), 200, headers=JSON),
    Case(
        "0.3",
        "an access token as bearer",
        Call("GET", f"{API}/repositories", caller="bearer:$token"),
        200,
        before=(TOKEN,),
    ),
    Case(
        "0.3",
        "an access token as API key",
        Call("GET", f"{API}/repositories", caller="anonymous", headers={"X-JFrog-Art-Api": "$token"}),
        200,
        before=(TOKEN,),
    ),
    Case(
        "0.3",
        "an access token as password",
        Call("GET", f"{API}/system/info", caller="admin:$token"),
        200,
        before=(TOKEN,),
    ),
    Case(
        "0.3",
        "a token is not another user's password",
        Call("GET", f"{API}/system/info", caller="somebody:$token"),
        401,
        envelope(401, "Bad credentials"),
        CHALLENGE,
        before=(TOKEN,),
    ),
    Case(
        "0.4",
        "a wrong password",
        Call("GET", f"{API}/repositories", caller="admin:wrong"),
        401,
        envelope(401, "Bad credentials"),
        CHALLENGE,
    ),
    Case(
        "0.4",
        "an unknown user",
        Call("GET", f"{API}/repositories", caller="$id:x"),
        401,
        envelope(401, "Bad credentials"),
        CHALLENGE,
    ),
    Case(
        "0.4",
        "wrong credentials where none are needed",
        Call("GET", f"{API}/system/version", caller="admin:wrong"),
        401,
        envelope(401, "Bad credentials"),
    ),
    Case("0.4", "a token that is none", Call("GET", f"{API}/repositories", caller="bearer:none.of.them"), 401),
    Case(
        "0.4",
        "an empty bearer token",
        Call("GET", f"{API}/repositories", caller="anonymous", headers={"Authorization": "Bearer "}),
        401,
    ),
    Case(
        "0.4",
        "basic credentials that are not base64",
        Call("GET", f"{API}/repositories", caller="anonymous", headers={"Authorization": "Basic ***"}),
        401,
    ),
    Case(
        "0.4",
        "basic credentials without a colon",
        Call("GET", f"{API}/repositories", caller="anonymous", headers={"Authorization": "Basic YWRtaW4="}),
        401,
    ),
    Case(
        "0.4",
        "an API key that is none",
        Call("GET", f"{API}/repositories", caller="anonymous", headers={"X-JFrog-Art-Api": "none"}),
        401,
    ),
    Case(
        "0.4",
        "a token that was revoked",
        Call("GET", f"{API}/repositories", caller="bearer:$token"),
        401,
        before=(TOKEN, Call("DELETE", f"{ACCESS}/v1/tokens/$token_id")),
    ),
    Case(
        "0.4",
        "nobody where a login is needed",
        Call("GET", f"{API}/system/info", caller="anonymous"),
        401,
        headers=CHALLENGE,
    ),
    Case(
        "0.4", "nobody at an administrator's call", Call("GET", f"{API}/system/configuration", caller="anonymous"), 401
    ),
    Case(
        "0.4",
        "nobody creates a repository",
        Call("PUT", f"{API}/repositories/$id", {"rclass": "local"}, caller="anonymous"),
        401,
    ),
    Case(
        "0.4",
        "a user at an administrator's call",
        Call("GET", f"{API}/system/info", caller="somebody"),
        403,
        envelope(403, "Forbidden"),
        JSON,
    ),
    Case(
        "0.4",
        "a user reads the descriptor",
        Call("GET", f"{API}/system/configuration", caller="somebody"),
        403,
        envelope(403, "Forbidden"),
    ),
    Case(
        "0.4",
        "a user creates a repository",
        Call("PUT", f"{API}/repositories/$id", {"rclass": "local"}, caller="somebody"),
        403,
    ),
    Case(
        "0.4", "a user at an administrator's call of Access", Call("GET", f"{ACCESS}/v2/users", caller="somebody"), 403
    ),
    Case("0.3", "nobody at Access", Call("GET", f"{ACCESS}/v2/users", caller="anonymous"), 401),
)

_HEADERS = (
    Case("0.3", "an answer says who gave it", Call("GET", f"{API}/system/ping"), 200, "OK", _IDENTITY),
    Case(
        "0.3",
        "so does a download",
        Call("GET", "/artifactory/$id/a/b.txt"),
        200,
        "content",
        _IDENTITY,
        before=(LOCAL, FILE),
    ),
    Case("0.3", "so does a refusal", Call("GET", f"{API}/system/info", caller="anonymous"), 401, headers=_IDENTITY),
    Case("0.3", "so does an unknown call", Call("GET", f"{API}/no/such/call"), 404, headers=_IDENTITY),
    Case(
        "0.3",
        "so does Access",
        Call("GET", f"{ACCESS}/v1/system/ping", caller="anonymous"),
        200,
        "OK",
        {"X-JFrog-Version": matching("^Artifactory/")},
    ),
    Case(
        "10.2",
        "the two nodes have two ids",
        Call("GET", f"{API}/system/ping"),
        200,
        headers={"X-Artifactory-Node-Id": matching(r"^node-0(-1)?$")},
    ),
    Case(
        "10.2",
        "and one service id",
        Call("GET", f"{API}/system/ping"),
        200,
        headers={"X-Artifactory-Id": "$service"},
        before=(Call("GET", f"{API}/system/ping", keep={"service": "header:X-Artifactory-Id"}),),
    ),
    Case("0.4", "a ping is text", Call("GET", f"{API}/system/ping"), 200, "OK", TEXT),
    Case(
        "0.4",
        "a version is JSON",
        Call("GET", f"{API}/system/version"),
        200,
        {"version": matching(r"^\d+\.\d+\.\d+$")},
        JSON,
    ),
    Case(
        "0.4",
        "a change of a repository is told in text",
        Call("PUT", f"{API}/repositories/$id", {"rclass": "local"}),
        200,
        matching("Successfully created"),
        TEXT,
    ),
    Case("12.12", "a list of repositories is JSON", Call("GET", f"{API}/repositories"), 200, headers=JSON),
    Case(
        "12.1",
        "a content type on a GET does no harm",
        Call("GET", f"{API}/repositories", headers={"Content-Type": "application/json"}),
        200,
        headers=JSON,
    ),
    Case("12.1", "nor any other", Call("GET", f"{API}/repositories", headers={"Content-Type": "text/html"}), 200),
    Case(
        "12.1",
        "nor on a DELETE without a body",
        Call("DELETE", "/artifactory/$id/a/b.txt", headers={"Content-Type": "application/json"}),
        204,
        before=(LOCAL, FILE),
    ),
    Case(
        "12.1",
        "the descriptor is XML whatever is accepted",
        Call("GET", f"{API}/system/configuration", headers={"Accept": "*/*"}),
        200,
        matching("<config "),
        {"Content-Type": matching("xml")},
    ),
)

_SHAPES = (
    Case(
        "0.4",
        "an error is printed with a space before the colon",
        Call("GET", f"{API}/no/such/call"),
        404,
        matching(r'\{\n  "errors" : \['),
        JSON,
    ),
    Case("0.4", "an unknown call", Call("GET", f"{API}/no/such/call"), 404, envelope(404, "Not Found")),
    Case(
        "0.4",
        "an unknown call that writes",
        Call("POST", f"{API}/no/such/call", {"a": 1}),
        404,
        envelope(404, "Not Found"),
    ),
    Case(
        "0.4",
        "an unknown call with a large body",
        Call("PUT", f"{API}/no/such/call", "x" * 300_000),
        404,
        envelope(404, "Not Found"),
    ),
    Case(
        "0.4",
        "an unknown call of Access: the code is a text",
        Call("GET", f"{ACCESS}/v1/no/such/call"),
        404,
        {"errors": [{"code": "NOT_FOUND", "status": ABSENT}]},
        JSON,
    ),
    Case(
        "0.4",
        "an unknown call of Mission Control",
        Call("GET", "/mc/api/v1/no/such/call"),
        404,
        {"errors": [{"message": "Not Found", "status": ABSENT}]},
        JSON,
    ),
    Case(
        "0.4",
        "nobody at Access, in its shape",
        Call("GET", f"{ACCESS}/v1/tokens", caller="anonymous"),
        401,
        {"errors": [{"code": "UNAUTHORIZED", "status": ABSENT}]},
        JSON,
    ),
    Case(
        "0.4",
        "a method that the path does not know",
        Call("PATCH", f"{API}/system/ping"),
        405,
        headers={"Allow": matching("GET")},
    ),
    Case(
        "0.4", "a method that nobody knows", Call("BREW", f"{API}/system/ping"), 405, headers={"Allow": matching("GET")}
    ),
    Case("0.4", "a missing item", Call("GET", f"{API}/storage/$id/none"), 404, {"errors": [{"status": 404}]}, JSON),
    Case(
        "0.4",
        "a missing file of a repository",
        Call("GET", "/artifactory/$id/none"),
        404,
        {"errors": [{"status": 404}]},
        JSON,
        before=(LOCAL,),
    ),
    Case("0.4", "HEAD of a missing file has no body", Call("HEAD", "/artifactory/$id/none"), 404, "", before=(LOCAL,)),
    Case(
        "0.4",
        "a wrong content type",
        Call("PUT", f"{API}/repositories/$id", "rclass=local", headers={"Content-Type": "text/plain"}),
        415,
        envelope(415, "Unsupported Media Type"),
    ),
    Case(
        "10.2",
        "a charset beside JSON at a repository",
        Call("POST", f"{API}/repositories/$id", "{}", headers={"Content-Type": "application/json;charset=utf-8"}),
        404,
        before=(LOCAL,),
    ),
    Case(
        "0.4",
        "a repository that is there already: 400, not 409",
        Call("PUT", f"{API}/repositories/$id", {"rclass": "local"}),
        400,
        {"errors": [{"status": 400}]},
        before=(LOCAL,),
    ),
    Case(
        "10.2",
        "DELETE of a missing repository has a shape of its own",
        Call("DELETE", f"{API}/repositories/$id"),
        404,
        {"repoKey": "$id", "success": False, "errors": ABSENT},
    ),
    Case(
        "12.12",
        "licences have messages and no envelope",
        Call("POST", f"{API}/system/licenses", {"licenseKey": "none"}),
        400,
        {"errors": ABSENT},
    ),
)

_BROKEN = tuple(
    Case(
        "0.4",
        f"{name} where JSON is expected",
        Call(method, path, body, headers={"Content-Type": "application/json"}),
        400,
        headers=JSON,
    )
    for method, path in (("PUT", f"{API}/repositories/$id"), ("POST", f"{ACCESS}/v2/users"))
    for name, body in (
        ("half an object", '{"rclass":'),
        ("text", "not json"),
        ("a list", "[1, 2]"),
        ("a number", "17"),
        ("bytes that are no UTF-8", b'{"rclass": "\xff"}'),
        ("a number that is none", '{"rclass": NaN}'),
        ("half a surrogate pair", '{"rclass": "\\ud800"}'),
        ("ten thousand levels", "[" * 10_000),
    )
)

_PARSING = (
    Case(
        "0.4",
        "the words of malformed JSON",
        Call("PUT", f"{API}/repositories/$id", "{", headers={"Content-Type": "application/json"}),
        400,
        {"errors": [{"status": 400, "message": matching("^Error parsing json body")}]},
    ),
    Case("0.4", "nothing came of it", Call("GET", f"{API}/repositories/$id"), 400),
)

_PATHS = tuple(
    Case(
        "0.4",
        f"the path {path}",
        Call("PUT", f"/artifactory/$id/{path}", "x"),
        400,
        {"errors": [{"status": 400}]},
        before=(LOCAL,),
    )
    for path in (
        "..%2f..%2fx",
        "a/%2e%2e/%2e%2e/x",
        "%2Fetc%2Fpasswd",
        "a%00b",
        "a%0ab",
        "%ff%fe",
        "%c0%ae%c0%ae/x",
        "a%2f%2fb",
    )
)

CASES = (*_CREDENTIALS, *_HEADERS, *_SHAPES, *_BROKEN, *_PARSING, *_PATHS)
