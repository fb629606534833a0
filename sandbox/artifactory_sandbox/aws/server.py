"""moto's server, hosted: threads of our own process, loopback only, every request gated, counted and followed by a wake-up."""

import io
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from artifactory_sandbox.aws import request
from artifactory_sandbox.aws.counters import AwsCounters
from artifactory_sandbox.aws.request import AwsCall

_FORM = "application/x-www-form-urlencoded"
_BIGGEST_FORM = 1 << 20


class Refused(ConnectionError):
    """The sandbox closes this connection without an answer, as a region that is gone would."""


class _Handler(MotoRequestHandler):  # type: ignore[misc]  # moto is untyped here
    """HTTP/1.1 without a log line a request and without delayed segments."""

    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: counters say what was asked."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing: a connection that a fault closes is no news."""


class AwsServer:
    """`gate` raises Refused for a call that may not pass; `woken` is called after each request that may have changed something."""

    def __init__(self, port: int, gate: Callable[[AwsCall], None], woken: Callable[[], None]) -> None:
        self.counters = AwsCounters()
        self._gate = gate
        self._woken = woken
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", port, self._answer, threaded=True, request_handler=_Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.5}, name="aws", daemon=True
        )

    @property
    def url(self) -> str:
        """Where clients find it (AWS_ENDPOINT_URL)."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """Serves from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Stops serving."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith("/moto-api"):
            return self._moto(environ, start_response)  # type: ignore[no-any-return]
        call = request.parse(environ, _form_head(environ))
        try:
            self._gate(call)
        except Refused:
            _hang_up(environ)
            raise
        self.counters.count(call)
        answer: Iterable[bytes] = self._moto(environ, start_response)
        if not call.reads:
            self._woken()
        return answer


def _form_head(environ: dict[str, Any]) -> bytes:
    """The form of a query-protocol request; it is put back for moto."""
    if not environ.get("CONTENT_TYPE", "").startswith(_FORM):
        return b""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if not 0 < length <= _BIGGEST_FORM:
        return b""
    body: bytes = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(body)
    return body[:4096]


def _hang_up(environ: dict[str, Any]) -> None:
    connection = environ.get("werkzeug.socket")
    if connection is not None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
