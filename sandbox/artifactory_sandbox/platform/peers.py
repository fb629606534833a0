"""Calls from this node to other platforms, through the proxy of its site (`http_proxy`)."""

from collections.abc import Iterable, Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import LocationValueError

from artifactory_sandbox.platform.counters import PEER_HEADER

TIMEOUT_S = (3.0, 60.0)
_POOLS, _POOL_SIZE = 4, 8


class PeerFailed(Exception):
    """The other platform could not be reached, or refused; `status` 0 means it gave no answer."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)

    @property
    def unreachable(self) -> bool:
        """Whether nobody answered, or only something in between."""
        return self.status in {0, 502, 503, 504}


class Peers:
    """One pool of connections."""

    def __init__(self, node_id: str) -> None:
        self._session = requests.Session()
        self._session.headers[PEER_HEADER] = node_id
        self._session.headers["User-Agent"] = "Artifactory-Sandbox"
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_connections=_POOLS, pool_maxsize=_POOL_SIZE))

    def call(
        self,
        method: str,
        url: str,
        *,
        auth: tuple[str, str] | str | None = None,
        json: Any = None,
        data: bytes | Iterable[bytes] | Any = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        stream: bool = False,
        allowed: Iterable[int] = (),
        timeout: tuple[float, float] = TIMEOUT_S,
        proxy: str | None = None,
    ) -> requests.Response:
        """One call; `auth` is a user and password, or a bearer token. `allowed` names error statuses that are answers.

        `timeout` is for connecting and for each silence, in seconds; `proxy` a proxy's URL, "" for none, None for the site's own.
        """
        wanted = dict(headers or {})
        basic = auth if isinstance(auth, tuple) else None
        if isinstance(auth, str):
            wanted["Authorization"] = f"Bearer {auth}"
        try:
            answer = self._session.request(
                method,
                url,
                auth=basic if basic else _as_given,
                json=json,
                data=data,
                headers=wanted,
                params=params,
                stream=stream,
                timeout=timeout,
                allow_redirects=False,
                proxies=None if proxy is None else {"http": proxy, "https": proxy},
            )
        except (requests.RequestException, LocationValueError) as error:
            raise PeerFailed(0, f"{method} {url}: {type(error).__name__}") from error
        if answer.status_code >= 300 and answer.status_code not in allowed:
            said = answer.text[:300].strip()
            answer.close()
            raise PeerFailed(answer.status_code, f"{method} {url} answered {answer.status_code}: {said}")
        return answer

    def connections(self) -> tuple[int, int, int]:
        """Connections in use, those that wait for the next call, and the most there can be."""
        leased = idle = 0
        for scheme in ("http://", "https://"):
            pools = self._session.adapters[scheme].poolmanager.pools  # type: ignore[attr-defined]
            for key in pools.keys():  # noqa: SIM118  not a dict
                pool = getattr(pools.get(key), "pool", None)
                if pool is not None:
                    idle += sum(one is not None for one in list(pool.queue))
                    leased += pool.maxsize - pool.qsize()
        return leased, idle, 2 * _POOLS * _POOL_SIZE


def _as_given(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps the headers as they are: no `.netrc`."""
    return request
