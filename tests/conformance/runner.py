"""Playing a case against the nodes of one cluster: each call goes to the other node, so both must give one answer."""

import itertools
import json
import secrets
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.conformance.case import Call, Case
from tests.conformance.expected import Anything, Exactly, Expected, Includes, Matching, Nothing, difference

ADMIN = ("admin", "password")
SOMEBODY = ("somebody", "Password1!")
PATIENCE_S = 20.0


@dataclass
class Cluster:
    """Addresses of the nodes, and their process."""

    nodes: Sequence[str]
    process: subprocess.Popen[bytes]
    turn: Any = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False

    def kill(self) -> None:
        """The nodes end without a word."""
        self.process.kill()
        self.process.wait(30)

    def make_somebody(self) -> None:
        """The user without any permission: known, and in no group."""
        user = {"username": SOMEBODY[0], "password": SOMEBODY[1], "email": "somebody@acme.example", "groups": []}
        answer = self.session.post(f"{self.nodes[0]}/access/api/v2/users", json=user, auth=ADMIN, timeout=20)
        assert answer.status_code in {201, 409}, answer.text

    def send(self, call: Call, known: dict[str, str]) -> requests.Response:
        """Sends a call to the node whose turn it is."""
        url = self.nodes[next(self.turn) % len(self.nodes)]
        headers = {name: str(filled(value, known)) for name, value in call.headers.items()}
        data = filled(call.send, known)
        if isinstance(data, (dict, list)):
            headers.setdefault("Content-Type", "application/json")
            data = json.dumps(data)
        auth = _auth(str(filled(call.caller, known)), headers)
        address = url + str(filled(call.path, known))
        body = data.encode() if isinstance(data, str) else data
        request = requests.Request(call.method, address, headers, data=body, auth=auth)
        return self.session.send(self.session.prepare_request(request), timeout=30, allow_redirects=False)


def play(cluster: Cluster, case: Case) -> str | None:
    """What is wrong with the answer; None when it is the one that the section gives."""
    known = {"id": f"c{secrets.token_hex(4)}", "url": cluster.nodes[0]}
    for call in case.before:
        answer = sent_before(cluster, call, known)
        if not answer.ok:
            return f"before: {call.method} {answer.url} answered {answer.status_code} {answer.text[:500]}"
        known.update(kept(call, answer))
    answer = cluster.send(case.call, known)
    said = f"{answer.request.method} {answer.url} answered {answer.status_code} {answer.text[:1000]}"
    if answer.status_code != case.status:
        return f"status {case.status} is expected; {said}"
    for name, value in case.headers.items():
        if wrong := difference({name.lower(): filled(value, known)}, _lowered(answer), "headers"):
            return f"{wrong}; {said}"
    if case.body is None:
        return None
    expected = filled(case.body, known)
    if wrong := difference(expected, _read(expected, answer)):
        return f"{wrong}; {said}"
    return None


def sent_before(cluster: Cluster, call: Call, known: dict[str, str]) -> requests.Response:
    """The answer of a call that prepares; a patient one is sent again while it is refused."""
    answer = cluster.send(call, known)
    end = time.monotonic() + PATIENCE_S
    while call.patient and not answer.ok and time.monotonic() < end:
        time.sleep(0.1)
        answer = cluster.send(call, known)
    return answer


def kept(call: Call, answer: requests.Response) -> dict[str, str]:
    """Values of an answer that later calls use."""
    found = {}
    for name, place in call.keep.items():
        if place.startswith("header:"):
            found[name] = answer.headers[place.removeprefix("header:")]
            continue
        value = answer.json()
        for step in place.split("."):
            value = value[int(step)] if isinstance(value, list) else value[step]
        found[name] = str(value)
    return found


def filled(value: Any, known: dict[str, str]) -> Any:  # noqa: PLR0911  one way for each kind
    """`$name` replaced in every text; longer names first, so that `$id` does not eat `$identity`."""
    match value:
        case str():
            for name in sorted(known, key=len, reverse=True):
                value = value.replace(f"${name}", known[name])
            return value
        case dict():
            return {filled(name, known): filled(one, known) for name, one in value.items()}
        case list():
            return [filled(one, known) for one in value]
        case Matching(expression):
            return Matching(filled(expression, known))
        case Includes(elements):
            return Includes(tuple(filled(one, known) for one in elements))
        case Exactly(members):
            return Exactly(filled(members, known))
    return value


def _read(expected: Expected, answer: requests.Response) -> Any:
    """The body as the kind of thing that is expected."""
    if isinstance(expected, bytes):
        return answer.content
    if isinstance(expected, (str, Matching)):
        return answer.text
    if isinstance(expected, Includes) and all(isinstance(one, str) for one in expected.elements):
        return _json(answer) if answer.text.lstrip().startswith("[") else answer.text
    if isinstance(expected, (Anything, Nothing)):
        return answer.text
    return _json(answer)


def _json(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return answer.text


def _lowered(answer: requests.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def _auth(caller: str, headers: dict[str, str]) -> Any:
    if caller == "anonymous":
        return _no_auth
    if caller.startswith("bearer:"):
        headers["Authorization"] = f"Bearer {caller.removeprefix('bearer:')}"
        return _no_auth
    if caller in {"admin", "somebody"}:
        return ADMIN if caller == "admin" else SOMEBODY
    name, _, password = caller.partition(":")
    return (name, password)


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
