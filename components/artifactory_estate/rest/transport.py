"""One HTTP pool a platform: time-outs, bounded retries with jitter, errors with the server's own words."""

import json
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import requests
import tenacity
from requests.adapters import HTTPAdapter

from artifactory_estate.base.project import in_project
from artifactory_estate.rest.authorization import Authorization, Resolve, authorization
from artifactory_estate.rest.connection import Connection
from artifactory_estate.rest.errors import (
    Answered,
    BadAnswer,
    BadCall,
    NotSent,
    RestError,
    Unauthorized,
    Unreachable,
    answered,
)
from artifactory_estate.rest.failures import failure
from artifactory_estate.rest.said import said

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 60.0
ATTEMPTS = 5
_BUSY = {429, 502, 503, 504}
_NOT_CARRIED_OUT = {429}
_SAFE = {"GET", "HEAD", "PUT", "DELETE"}
_MERGE_RACE = "Could not merge and save new descriptor"

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class _Call:
    method: str
    path: str
    params: Mapping[str, Any] | None
    data: bytes | None
    headers: Mapping[str, str]
    timeout_s: float
    hide: tuple[str, ...]
    accept: Collection[int]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Platform:
    """One platform as its administrator sees it.

    `resolve` is asked for the secret when the first call is made and again when the server answers 401, so a rotated
    token needs neither a new document nor a new process. `sleep` replaces the pause between attempts, for tests.
    `attempts` and `timeout_s`: fewer and shorter where a dead site must cost seconds only, as in a failover.
    """

    def __init__(
        self,
        connection: Connection,
        resolve: Resolve,
        sleep: Callable[[float], None] | None = None,
        attempts: int = ATTEMPTS,
        timeout_s: float = READ_TIMEOUT_S,
    ) -> None:
        self.connection = connection
        self.site = connection.site
        self._resolve = resolve
        self._sleep = sleep or tenacity.nap.sleep
        self._attempts = attempts
        self._timeout_s = timeout_s
        self._authorization: Authorization | None = None
        self._answers: dict[str, Any] = {}

    def once(self, question: str, ask: Callable[[], Answer]) -> Answer:
        """The answer to a question that is asked once a `Platform`, such as its version."""
        if question not in self._answers:
            self._answers[question] = ask()
        return cast(Answer, self._answers[question])

    def learn(self, question: str, answer: Any) -> None:
        """Replace an answer that turned out wrong."""
        self._answers[question] = answer

    def get_json(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """GET `path` (below the platform URL, such as `/artifactory/api/repositories`) as JSON."""
        return self.json_of(self.request("GET", path, params=params))

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        text: str | None = None,
        content_type: str | None = None,
        repeatable: bool | None = None,
        timeout_s: float | None = None,
        hide: Iterable[str] = (),
        accept: Collection[int] = (),
        anonymous: bool = False,
    ) -> requests.Response:
        """One call; `body` is sent as JSON, `text` as it is. `hide`: secrets in the body, kept out of error texts.
        `accept`: statuses that are an answer to the caller, not an error. `anonymous`: as nobody.

        Made up to 5 times with jitter when the server is busy or the connection broke, provided that repeating is
        safe: GET, HEAD, PUT and DELETE, or whatever `repeatable` says. What was certainly not carried out (it never
        left, 429, a lost race for the descriptor) is repeated whatever the method. Raises a `RestError`.
        """
        data = json.dumps(body).encode() if body is not None else text.encode() if text is not None else None
        # The bare media type: some servers refuse "application/json; charset=utf-8" (REST reference 10.2, 5).
        headers = {"Content-Type": content_type or "application/json"} if data is not None else {}
        call = _Call(method, path, params, data, headers, timeout_s or self._timeout_s, tuple(hide), accept)
        safe = method in _SAFE if repeatable is None else repeatable
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._attempts),
            wait=tenacity.wait_random_exponential(multiplier=0.3, max=5),
            retry=tenacity.retry_if_exception(lambda error: _worth_repeating(error, safe)),
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(self._send, call, None) if anonymous else retrying(self._authorized, call)

    def json_of(self, response: requests.Response) -> Any:
        """The answer as JSON, or `BadAnswer`."""
        try:
            return response.json()
        except ValueError:
            pass  # raised below, so that the body, which may hold a new token, is not chained to it
        call = f"{response.request.method} {response.request.path_url.partition('?')[0]}"
        raise BadAnswer(self.site, call, f"answered {response.status_code} with something that is not JSON")

    def _authorized(self, call: _Call) -> requests.Response:
        used = self._authorization
        if used is None:
            used = self._authorization = authorization(self.connection, self._resolve)
            return self._send(call, used)
        try:
            return self._send(call, used)
        except Unauthorized:
            fresh = authorization(self.connection, self._resolve)
            if fresh == used:  # asking again with what was just refused would only count towards locking the user
                raise
            self._authorization = fresh
        return self._send(call, fresh)

    def _send(self, call: _Call, using: Authorization | None) -> requests.Response:
        proxy = self.connection.proxy
        problem: RestError | None = None
        try:
            response = _pool(self.connection).request(
                call.method,
                self.connection.url + call.path,
                params=call.params,
                data=call.data,
                headers={**call.headers, **({"Authorization": using.header} if using else {})},
                timeout=(CONNECT_TIMEOUT_S, call.timeout_s),
                proxies={"http": proxy, "https": proxy} if proxy else None,
                verify=str(in_project(bundle)) if (bundle := self.connection.ca_bundle) else True,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            problem = failure(error, self.site, str(call), self.connection.url)
        except OSError:  # what requests raises for a bundle that is not there
            problem = BadCall(self.site, str(call), f"cannot read the CA bundle {self.connection.ca_bundle}")
        if problem:
            raise problem
        if response.status_code in call.accept:
            return response
        if 300 <= response.status_code < 400:
            where = response.headers.get("Location", "").partition("?")[0]
            raise BadAnswer(
                self.site, str(call), f"answered {response.status_code}: a redirect to {where or 'nowhere'}"
            )
        if response.status_code >= 400:
            words = said(response.text, (*(using.hidden if using else ()), *call.hide))
            raise answered(self.site, str(call), response.status_code, words)
        return response


def _worth_repeating(error: BaseException, safe: bool) -> bool:
    if isinstance(error, NotSent):
        return True
    if isinstance(error, Answered):
        return error.status in (_BUSY if safe else _NOT_CARRIED_OUT) or _MERGE_RACE in error.said
    return safe and isinstance(error, Unreachable)


_pools: dict[tuple[str, str | None], requests.Session] = {}
_pools_lock = threading.Lock()


def _pool(connection: Connection) -> requests.Session:
    key = (connection.url, connection.proxy)
    with _pools_lock:
        if key not in _pools:
            session = requests.Session()
            session.cookies.set_policy(_NoCookies())
            session.auth = _keep_our_header
            for scheme in ("http://", "https://"):
                session.mount(scheme, HTTPAdapter(pool_connections=2, pool_maxsize=16))
            _pools[key] = session
        return _pools[key]


def _keep_our_header(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Without an `auth`, requests would put what ~/.netrc says in the header's place."""
    return request


class _NoCookies(requests.cookies.cookielib.DefaultCookiePolicy):  # type: ignore[name-defined,misc]
    """A session cookie would outlive a rotated token."""

    def set_ok(self, cookie: Any, request: Any) -> bool:
        del cookie, request
        return False


__all__ = ["Platform", "Resolve", "RestError"]
