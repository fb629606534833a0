"""One HTTP pool a platform: time-outs, bounded retries with jitter, errors with the server's own words."""

import json
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

import requests
import tenacity
from requests.adapters import HTTPAdapter

from artifactory_estate.base import EstateError
from artifactory_estate.rest.connection import Connection
from artifactory_estate.rest.errors import Answered, BadAnswer, NotSent, RestError, Unauthorized, Unreachable, answered

Resolve = Callable[[str], str]
"""Reads the value behind a reference."""

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 60.0
ATTEMPTS = 5
_BUSY = {429, 502, 503, 504}
_SAFE = {"GET", "HEAD", "PUT", "DELETE"}
_MERGE_RACE = "Could not merge and save new descriptor"

_pools: dict[tuple[str, str | None], requests.Session] = {}
_pools_lock = threading.Lock()


def _pool(connection: Connection) -> requests.Session:
    key = (connection.url, connection.proxy)
    with _pools_lock:
        if key not in _pools:
            session = requests.Session()
            session.cookies.set_policy(_NoCookies())
            session.auth = _no_netrc
            for scheme in ("http://", "https://"):
                session.mount(scheme, HTTPAdapter(pool_connections=2, pool_maxsize=16))
            _pools[key] = session
        return _pools[key]


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


class _NoCookies(requests.cookies.cookielib.DefaultCookiePolicy):  # type: ignore[name-defined,misc]
    def set_ok(self, cookie: Any, request: Any) -> bool:
        del cookie, request
        return False


class Platform:
    """One platform as its administrator sees it.

    `resolve` is asked for the secret when the first call is made and again when the server answers 401, so a rotated
    token needs neither a new document nor a new process.
    """

    def __init__(self, connection: Connection, resolve: Resolve, sleep: Callable[[float], None] | None = None) -> None:
        self.connection = connection
        self.site = connection.site
        self._resolve = resolve
        self._sleep = sleep or tenacity.nap.sleep
        self._authorization: dict[str, str] | tuple[str, str] | None = None

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
        timeout_s: float = READ_TIMEOUT_S,
    ) -> requests.Response:
        """One call; `body` is sent as JSON, `text` as it is.

        Repeated up to 5 times with jitter when the server is busy or the connection broke, provided that repeating is
        safe: GET, HEAD, PUT and DELETE, or whatever `repeatable` says. A request that never left is always repeated.
        Raises a `RestError`.
        """
        data = json.dumps(body).encode() if body is not None else text.encode() if text is not None else None
        # The bare media type: some servers refuse "application/json; charset=utf-8" (REST reference 10.2, 5).
        headers = {"Content-Type": content_type or "application/json"} if data is not None else {}
        safe = method in _SAFE if repeatable is None else repeatable

        def once() -> requests.Response:
            return self._authorized(method, path, params, data, headers, timeout_s)

        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=tenacity.wait_random_exponential(multiplier=0.3, max=5),
            retry=tenacity.retry_if_exception(lambda error: _worth_repeating(error, safe)),
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(once)

    def json_of(self, response: requests.Response) -> Any:
        """The answer as JSON, or `BadAnswer`."""
        try:
            return response.json()
        except ValueError as error:
            call = f"{response.request.method} {response.request.path_url}"
            raise BadAnswer(
                self.site, call, f"answered {response.status_code} with something that is not JSON"
            ) from error

    def _authorized(
        self, method: str, path: str, params: Any, data: bytes | None, headers: dict[str, str], timeout_s: float
    ) -> requests.Response:
        fresh = self._authorization is None
        try:
            return self._send(method, path, params, data, headers, timeout_s)
        except Unauthorized:
            if fresh:
                raise
            self._authorization = None  # the value behind the reference may have changed since we read it
            return self._send(method, path, params, data, headers, timeout_s)

    def _send(
        self, method: str, path: str, params: Any, data: bytes | None, headers: dict[str, str], timeout_s: float
    ) -> requests.Response:
        call = f"{method} {path}"
        authorization = self._authorization = self._authorization or self._read_secret()
        auth = authorization if isinstance(authorization, tuple) else None
        if isinstance(authorization, dict):
            headers = {**headers, **authorization}
        proxies = {"http": self.connection.proxy, "https": self.connection.proxy} if self.connection.proxy else None
        try:
            response = _pool(self.connection).request(
                method,
                self.connection.url + path,
                params=params,
                data=data,
                headers=headers,
                auth=auth,
                timeout=(CONNECT_TIMEOUT_S, timeout_s),
                proxies=proxies,
                verify=self.connection.ca_bundle or True,
                allow_redirects=False,
            )
        except (requests.ConnectTimeout, requests.exceptions.InvalidURL) as error:
            raise NotSent(self.site, call, f"could not connect to {self.connection.url}") from error
        except requests.ConnectionError as error:
            cls = NotSent if "NewConnectionError" in repr(error) else Unreachable
            raise cls(self.site, call, f"got no answer from {self.connection.url}: {_cause(error)}") from error
        except requests.Timeout as error:
            raise Unreachable(self.site, call, f"got no answer within {timeout_s:g} s") from error
        except requests.RequestException as error:
            raise BadAnswer(self.site, call, f"failed: {type(error).__name__}") from error
        if response.status_code >= 300:
            raise answered(self.site, call, response.status_code, said_by(response))
        return response

    def _read_secret(self) -> dict[str, str] | tuple[str, str]:
        connection = self.connection
        if connection.token:
            return {"Authorization": f"Bearer {self._resolve(connection.token)}"}
        if connection.username and connection.password:
            return (connection.username, self._resolve(connection.password))
        raise EstateError(f"{self.site}: no credentials: give a token, or a user name and a password, by reference")


def said_by(response: requests.Response) -> str:
    """The server's own words, from any of its error shapes (REST reference 0.4)."""
    try:
        body = response.json()
    except ValueError:
        return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.text)).strip()[:500]
    if isinstance(body, dict):
        errors = body.get("errors")
        if isinstance(errors, list) and errors:
            texts = (str(item.get("message") or item) if isinstance(item, dict) else str(item) for item in errors)
            return "; ".join(texts)[:2000]
        for key in ("message", "messages", "statusMsg", "error"):
            if body.get(key):
                return str(body[key])[:2000]
    return json.dumps(body)[:500]


def _cause(error: BaseException) -> str:
    text = str(error.args[0]) if error.args else type(error).__name__
    match = re.search(r"\[Errno \d+\] ([A-Za-z ]+)|(timed out|Remote end closed|reset by peer|Name or service)", text)
    return (match[1] or match[2]) if match else type(error).__name__


def _worth_repeating(error: BaseException, safe: bool) -> bool:
    if isinstance(error, NotSent):
        return True
    if isinstance(error, Answered):
        return (safe and error.status in _BUSY) or _MERGE_RACE in error.said
    return safe and isinstance(error, Unreachable)


__all__ = ["Platform", "Resolve", "RestError"]
