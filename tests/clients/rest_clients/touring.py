"""Two platforms, a program of the clients' own environment, and what it reports."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from artifactory_sandbox.platform import bare
from tests.clients.running import Running, running
from tests.support.programs import node_modules, program, run

TOURS = Path(__file__).with_name("tours")
ADMIN = ("admin", bare.ADMIN_PASSWORD)
READER = ("reader", "Password1!")
STRANGER = ("stranger", "Password1!")


@contextmanager
def two_platforms(folder: Path) -> Iterator[tuple[Running, Running]]:
    """`near` has `lib-local`, `lib-remote` over the same of `far`, and `lib-virtual` over both; `stranger` may nothing."""
    with running(folder, ["near", "far"]) as found:
        near, far = found["near"], found["far"]
        far.make_local("lib-local")
        near.make_local("lib-local")
        make = {
            "rclass": "remote",
            "url": f"{far.url}/artifactory/lib-local",
            "username": ADMIN[0],
            "password": ADMIN[1],
        }
        near.make_local("lib-remote", **make)
        members = {"repositories": ["lib-local", "lib-remote"], "defaultDeploymentRepo": "lib-local"}
        near.make_local("lib-virtual", rclass="virtual", **members)
        user = {"username": STRANGER[0], "password": STRANGER[1], "email": "stranger@acme.example"}
        near.platform.request("POST", "/access/api/v2/users", body=user)
        yield near, far


def tour(name: str, platform: Running, *arguments: str, cwd: Path) -> dict[str, Any]:
    """Runs `tours/<name>`; the JSON of its last line. The user's own configuration is out of its reach."""
    script = TOURS / name
    interpreter = program("node") if script.suffix == ".js" else program("client python")
    environment = {"NODE_PATH": str(node_modules()), "URL": platform.url, "TOKEN": platform.token_file.read_text()}
    done = run([interpreter, script, *arguments], cwd, environ=environment)
    assert done.returncode == 0, f"{name} ended with {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    said: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return said
