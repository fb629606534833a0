"""Routes of the control API, on loopback.

For people and tests: `GET /status`, `GET /counters`, `POST /counters/reset`, `GET|POST /faults`, `GET /nodes`,
`GET /unimplemented`, `GET /resolve/{host}`, `GET /lookup/failures`. For nodes: `GET /databases/{host}`, `POST /databases/{host}/login`.
For machines: `/metadata/{id}/latest/...` (IMDSv2) and `POST /machines/{id}/commands` (their stubs).
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from artifactory_sandbox import faults
from artifactory_sandbox.aws.counters import AwsCounters
from artifactory_sandbox.control import unimplemented
from artifactory_sandbox.faults import NoSuchFault, World
from artifactory_sandbox.network.names import Names
from artifactory_sandbox.network.traffic import Traffic


@dataclass(frozen=True, slots=True)
class Parts:
    """What the API speaks about."""

    world: World
    names: Names
    traffic: Traffic
    aws_counters: AwsCounters
    status: Callable[[], dict[str, Any]]


class Api:
    """Handlers; each is a few lines over the parts."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._metadata_tokens: set[str] = set()

    def application(self) -> Starlette:
        """The ASGI application."""
        rows: list[tuple[str, str, Callable[..., Any]]] = [
            ("GET", "/status", self.status),
            ("GET", "/counters", self.counters),
            ("POST", "/counters/reset", self.reset_counters),
            ("GET", "/faults", self.fault_kinds),
            ("POST", "/faults", self.set_fault),
            ("GET", "/nodes", self.nodes),
            ("GET", "/unimplemented", self.unimplemented),
            ("GET", "/resolve/{host}", self.resolve),
            ("GET", "/lookup/failures", self.failures),
            ("GET", "/databases/{host}", self.database),
            ("POST", "/databases/{host}/login", self.log_in),
            ("POST", "/machines/{id}/commands", self.command),
            ("PUT", "/metadata/{id}/latest/api/token", self.metadata_token),
            ("GET", "/metadata/{id}/latest/{path:path}", self.metadata),
        ]
        return Starlette(routes=[Route(path, handler, methods=[method]) for method, path, handler in rows])

    def status(self, request: Request) -> Response:
        """Processes, nodes, what is broken."""
        return JSONResponse(self._parts.status())

    def counters(self, request: Request) -> Response:
        """Requests since the last reset."""
        return JSONResponse({"platforms": self._parts.traffic.data(), "aws": self._parts.aws_counters.data()})

    def reset_counters(self, request: Request) -> Response:
        """Counts from zero."""
        self._parts.traffic.reset()
        self._parts.aws_counters.reset()
        return self.counters(request)

    def fault_kinds(self, request: Request) -> Response:
        """What can be broken, and what is."""
        kinds = {name: {"says": kind.says, "needs": list(kind.needs)} for name, kind in faults.KINDS.items()}
        return JSONResponse({"kinds": kinds, "now": self._parts.world.condition.data()})

    async def set_fault(self, request: Request) -> Response:
        """Breaks or mends something."""
        wanted = await _json(request)
        if not isinstance(wanted, dict):
            return JSONResponse({"error": "a fault is an object with a kind"}, 400)
        try:
            return JSONResponse(await run_in_threadpool(faults.set_fault, self._parts.world, wanted))
        except NoSuchFault as error:
            return JSONResponse({"error": str(error), "kinds": sorted(faults.KINDS)}, 400)

    def nodes(self, request: Request) -> Response:
        """Machines and external platforms."""
        world = self._parts.world
        machines = [machine.data() for machine in list(world.plane.machines.values())]
        return JSONResponse({"nodes": machines + [platform.data() for platform in world.externals.platforms.values()]})

    async def unimplemented(self, request: Request) -> Response:
        """Calls to any platform that nothing serves."""
        return JSONResponse(await run_in_threadpool(unimplemented.gather, faults.node_urls(self._parts.world)))

    def resolve(self, request: Request) -> Response:
        """How a name is resolved now; 404 when it is not."""
        found = self._parts.names.resolve(request.path_params["host"])
        return JSONResponse(found.data(), 200 if found.found else 404)

    def failures(self, request: Request) -> Response:
        """Why instances do not serve: {instance id: reason}."""
        machines = list(self._parts.world.plane.machines.values())
        return JSONResponse({machine.id: machine.start_failure for machine in machines if machine.start_failure})

    def database(self, request: Request) -> Response:
        """The file behind an RDS endpoint."""
        found = self._parts.world.plane.databases.look_up(request.path_params["host"])
        return JSONResponse(found) if found else JSONResponse({"error": "no such database endpoint"}, 404)

    async def log_in(self, request: Request) -> Response:
        """200 for a user that may come in, else 403."""
        given = await _json(request)
        databases, host = self._parts.world.plane.databases, request.path_params["host"]
        allowed = await run_in_threadpool(databases.log_in, host, str(given.get("user")), str(given.get("password")))
        return JSONResponse({"allowed": allowed}, 200 if allowed else 403)

    async def command(self, request: Request) -> Response:
        """A command that a machine's script gave: its exit code and output."""
        machine = self._parts.world.plane.machines.get(request.path_params["id"])
        if machine is None:
            return JSONResponse({"code": 1, "output": "this machine is gone"})
        answer = await run_in_threadpool(self._parts.world.plane.command, machine, await _json(request))
        return JSONResponse({"code": answer.code, "output": answer.output})

    def metadata_token(self, request: Request) -> Response:
        """IMDSv2's token."""
        if "x-aws-ec2-metadata-token-ttl-seconds" not in request.headers:
            return PlainTextResponse("Bad Request", 400)
        token = secrets.token_urlsafe(24)
        self._metadata_tokens.add(token)
        return PlainTextResponse(token)

    def metadata(self, request: Request) -> Response:
        """Instance metadata; 401 without a token, as an instance with IMDSv2 only."""
        if request.headers.get("x-aws-ec2-metadata-token") not in self._metadata_tokens:
            return PlainTextResponse("Unauthorized", 401)
        machine = self._parts.world.plane.machines.get(request.path_params["id"])
        if machine is None:
            return PlainTextResponse("Not Found", 404)
        known = {
            "meta-data/instance-id": machine.id,
            "meta-data/local-ipv4": machine.address,
            "meta-data/placement/availability-zone": machine.zone,
            "meta-data/placement/region": machine.region,
            "meta-data/local-hostname": machine.id,
        }
        text = known.get(request.path_params["path"])
        return PlainTextResponse(text) if text is not None else PlainTextResponse("Not Found", 404)


async def _json(request: Request) -> Any:
    try:
        return json.loads(await request.body() or b"{}")
    except ValueError:
        return {}
