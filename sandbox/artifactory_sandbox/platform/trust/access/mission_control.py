"""Access federation as Mission Control arranges it: stars and meshes over registered platforms (4.4)."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.trust.access.behaviour import PLATFORM_FEDERATION
from artifactory_sandbox.platform.trust.access.entities import KINDS
from artifactory_sandbox.platform.trust.access.routes import API as TARGETS
from artifactory_sandbox.platform.web import Answer, Call, Refused, Route, json_answer

if TYPE_CHECKING:
    pass

API = "/mc/api/v1/federation"
_PAIRING = f"access/api/v1/service_trust/pairing/{PLATFORM_FEDERATION}"
Step = dict[str, str]


def listed(call: Call) -> Answer:
    """Every source with its targets; those without any only when asked for."""
    every = call.flag("include_non_configured") or call.flag("includeNonConfiguredJPDs")
    stars = [_star(call, jpd) for jpd in _jpds(call)]
    return json_answer([star for star in stars if every or star["targets"]])


def candidates(call: Call) -> Answer:
    """JPDs that can take part: those that answer and that are paired with this one."""
    found = [jpd for jpd in _jpds(call) if jpd["status"]["code"] not in {"OFFLINE", "UNAUTHORIZED"}]
    shown = [
        {"id": jpd["id"], "name": jpd["name"], "url": f"{jpd['url']}access", "status": jpd["status"]} for jpd in found
    ]
    return json_answer(shown)


def get(call: Call) -> Answer:
    """The star of one JPD."""
    return json_answer(_star(call, call.platform.mission_control.jpds.get(call.args["jpd"])))


def put(call: Call) -> Answer:
    """Makes a JPD the source of a star; the steps with their results."""
    sent = call.json_object()
    source = call.platform.mission_control.jpds.get(call.args["jpd"])
    targets = sent.get("targets")
    if not isinstance(targets, list) or not all(isinstance(one, dict) for one in targets):
        raise Refused(422, "targets must be an array of objects")
    known = {jpd["id"]: jpd for jpd in _jpds(call)}
    wanted = []
    for target in targets:
        jpd = known.get(str(target.get("id")))
        if jpd is None:
            raise Refused(404, f"JPD with id {target.get('id')} was not found.")
        if jpd["id"] == source["id"]:
            raise Refused(400, "A JPD cannot be its own target")
        filters = target.get("permission_filters") or {}
        wanted.append((jpd, _kinds(target.get("entities") or sent.get("entities")), filters))
    return json_answer(_arranged(call, source, wanted))


def create_mesh(call: Call) -> Answer:
    """Makes each of several JPDs the source of all others."""
    sent = call.json_object()
    ids = sent.get("jpd_ids")
    if not isinstance(ids, list) or len(set(map(str, ids))) < 2:
        raise Refused(422, "jpd_ids must name two JPDs at least")
    kinds = _kinds(sent.get("entities"))
    jpds = [call.platform.mission_control.jpds.get(name) for name in dict.fromkeys(map(str, ids))]
    steps = []
    for source in jpds:
        others: list[tuple[Mapping[str, Any], list[str], Mapping[str, Any]]] = [
            (jpd, kinds, {}) for jpd in jpds if jpd["id"] != source["id"]
        ]
        steps += _arranged(call, source, others)
    return json_answer(steps)


def _arranged(
    call: Call, source: Mapping[str, Any], wanted: Iterable[tuple[Mapping[str, Any], list[str], Mapping[str, Any]]]
) -> list[Step]:
    """Binds the source to its targets and makes its list of targets this one; a step that fails does not stop the others."""
    steps: list[Step] = []
    ask = _caller(call, source)
    names = set()
    for jpd, kinds, filters in wanted:
        names.add(jpd["id"])
        body = {
            "name": jpd["id"],
            "url": f"{jpd['url']}access",
            "entities": kinds,
            "permission_filters": {
                "include_patterns": list(filters.get("include_patterns") or []),
                "exclude_patterns": list(filters.get("exclude_patterns") or []),
            },
        }

        def link(jpd: Mapping[str, Any] = jpd, body: dict[str, Any] = body) -> None:
            token = _caller(call, jpd)("POST", _PAIRING, None)["pairing_token"]
            ask("PUT", _PAIRING, {"pairing_token": token})
            known = {one["name"] for one in ask("GET", TARGETS[1:], None)}
            if jpd["id"] in known:
                changed = {name: value for name, value in body.items() if name not in {"name", "url"}}
                ask("PATCH", f"{TARGETS[1:]}/{jpd['id']}", changed)
            else:
                ask("POST", TARGETS[1:], body)

        steps.append(_step(f"{source['id']} -> {jpd['id']}", link))

    def tidy() -> None:
        for one in ask("GET", TARGETS[1:], None):
            if one["name"].startswith("JPD-") and one["name"] not in names:
                ask("DELETE", f"{TARGETS[1:]}/{one['name']}", None)

    steps.append(_step(f"{source['id']}", tidy))
    return steps


def _step(label: str, work: Callable[[], None]) -> Step:
    try:
        work()
    except (PeerFailed, Refused, ValueError, KeyError) as error:
        return {"label": label, "status": "ERROR", "status_message": str(error)[:500]}
    return {"label": label, "status": "OK", "status_message": "Access federation was configured"}


def _caller(call: Call, jpd: Mapping[str, Any]) -> Callable[[str, str, Any], Any]:
    """Calls to a platform as its administrator; to this one with the credentials of whoever calls."""

    def ask(method: str, path: str, body: Any) -> Any:
        platform = call.platform
        if jpd["local"]:
            headers = {"Authorization": call.headers.get("authorization", "")}
            answer = platform.peers.call(method, f"{platform.node_url}/{path}", json=body, headers=headers)
        else:
            answer = platform.mission_control.jpds.call(jpd["id"], method, path, json=body)
        return answer.json() if answer.content else None

    return ask


def _star(call: Call, jpd: Mapping[str, Any]) -> dict[str, Any]:
    by_url = {f"{one['url']}access": one["id"] for one in call.platform.mission_control.jpds.all()}
    try:
        targets = _caller(call, jpd)("GET", TARGETS[1:], None)
    except (PeerFailed, Refused, ValueError) as error:
        return {"source": jpd["id"], "entities": [], "targets": [], "error": str(error)[:500]}
    shown = [
        {
            "id": by_url.get(one["url"].rstrip("/"), one["name"]),
            "code": one["name"],
            "url": one["url"],
            "entities": [kind.upper() for kind in one["entities"]],
            "permission_filters": one["permission_filters"],
        }
        for one in targets
    ]
    kinds = [kind.upper() for kind in KINDS if any(kind.upper() in one["entities"] for one in shown)]
    return {"source": jpd["id"], "entities": kinds, "targets": shown, "error": None}


def _jpds(call: Call) -> list[dict[str, Any]]:
    return call.platform.mission_control.jpds.all()


def _kinds(value: Any) -> list[str]:
    if value is None:
        return list(KINDS)
    if not isinstance(value, list) or not all(str(one).lower() in KINDS for one in value):
        raise Refused(422, "entities must be some of USERS, GROUPS, PERMISSIONS, TOKENS")
    return [str(one).lower() for one in value]


ROUTES = (
    Route("GET", API, "4.4", listed),
    Route("GET", f"{API}/candidates", "4.4", candidates),
    Route("POST", f"{API}/create_mesh", "4.4", create_mesh),
    Route("GET", f"{API}/{{jpd}}", "4.4", get),
    Route("PUT", f"{API}/{{jpd}}", "4.4", put),
)
