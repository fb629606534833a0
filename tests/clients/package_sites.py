"""Two platforms for a package client: repositories of its type at the first, and at the second remotes over them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.clients.running import Running, running

ADMIN = ("admin", "password")
GUEST = ("guest", "Guest-1234")
"""Known, and without any permission."""


@dataclass(frozen=True)
class Sites:
    """`near` has `lib-local` and the virtual `lib`; `far` the remote `lib-remote` over them and the virtual `lib`."""

    near: Running
    far: Running
    api: str

    @property
    def places(self) -> dict[str, str]:
        """Where a client may ask, by what it is."""
        return {
            "local": self.address(self.near, "lib-local"),
            "virtual": self.address(self.near, "lib"),
            "remote": self.address(self.far, "lib-remote"),
            "virtual over the remote": self.address(self.far, "lib"),
        }

    def address(self, site: Running, repository: str, login: tuple[str, str] | None = None) -> str:
        """Address of a repository for the client, with a login in it when the client wants it there."""
        scheme, _, rest = site.url.partition("://")
        there = f"{login[0]}:{login[1]}@{rest}" if login else rest
        return f"{scheme}://{there}/artifactory/{self.api}{repository}"

    def make_user(self, site: Running, login: tuple[str, str], *actions: str) -> None:
        """A user with these actions (`READ`, `WRITE`, …) on every repository; with none when none is named."""
        name, password = login
        user = {"username": name, "password": password, "email": f"{name}@acme.example", "groups": []}
        self._post(site, "users", user)
        if actions:
            kinds = {"actions": {"users": {name: list(actions)}}, "targets": {"ANY": {"include_patterns": ["**"]}}}
            self._post(site, "permissions", {"name": f"of-{name}", "resources": {"artifact": kinds}})

    def _post(self, site: Running, kind: str, body: dict[str, Any]) -> None:
        answer = requests.post(f"{site.url}/access/api/v2/{kind}", json=body, auth=ADMIN, timeout=30)
        assert answer.status_code == 201, answer.text

    def call(self, site: Running, method: str, path: str, **options: Any) -> requests.Response:
        """A call below `/artifactory/` as the administrator."""
        answer = requests.request(method, f"{site.url}/artifactory/{path}", auth=ADMIN, timeout=30, **options)
        answer.raise_for_status()
        return answer


@contextmanager
def sites(folder: Path, package_type: str, api: str, upstream_api: str | None = None, **fields: Any) -> Iterator[Sites]:
    """Starts them. `api` is what stands before the repository in the client's addresses; `fields` go to the local one."""
    with running(folder, ["near", "far"]) as started:
        made = Sites(started["near"], started["far"], api)
        upstream = f"{made.near.url}/artifactory/{api if upstream_api is None else upstream_api}lib-local"
        login = {"username": ADMIN[0], "password": ADMIN[1]}
        _make(made, made.near, "lib-local", rclass="local", packageType=package_type, **fields)
        for site, members in ((made.near, ["lib-local"]), (made.far, ["lib-remote"])):
            if site is made.far:
                _make(made, site, "lib-remote", rclass="remote", packageType=package_type, url=upstream, **login)
            own = {"defaultDeploymentRepo": "lib-local"} if site is made.near else {}
            _make(made, site, "lib", rclass="virtual", packageType=package_type, repositories=members, **own)
            made.make_user(site, GUEST)
        yield made


def _make(made: Sites, site: Running, key: str, **fields: Any) -> None:
    made.call(site, "PUT", f"api/repositories/{key}", json={"key": key, **fields})
