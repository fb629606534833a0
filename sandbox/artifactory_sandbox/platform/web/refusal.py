"""Refusals in the shapes of the services (0.4)."""

from typing import Any, Literal

from artifactory_sandbox.platform.web.answer import Answer, json_answer, text

Shape = Literal["artifactory", "access", "mission-control", "text", "json"]

_ACCESS_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    409: "CONFLICT",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    503: "SERVICE_UNAVAILABLE",
}


_SHAPES: dict[str, Shape] = {"access": "access", "event": "access", "router": "access", "mc": "mission-control"}


class Refused(Exception):
    """Ends a call with an error answer."""

    def __init__(self, status: int, message: str, shape: Shape | None = None, data: Any = None) -> None:
        self.status = status
        self.message = message
        self.shape = shape
        self.data = data
        self.headers: dict[str, str] = {}
        super().__init__(f"{status} {message}")

    def answer(self, path: str) -> Answer:
        """The answer in the shape of the service that `path` belongs to, unless one was given."""
        made = self._body(self.shape or shape_of(path))
        made.headers.update(self.headers)
        return made

    def _body(self, shape: Shape) -> Answer:
        if shape == "json":
            return json_answer(self.data, self.status)
        if shape == "text":
            return text(self.message, self.status)
        if shape == "access":
            code = _ACCESS_CODES.get(self.status, "INTERNAL_SERVER_ERROR")
            return json_answer({"errors": [{"code": code, "message": self.message, "detail": None}]}, self.status)
        if shape == "mission-control":
            return json_answer({"errors": [{"message": self.message, "type": "ERROR"}]}, self.status)
        return json_answer({"errors": [{"status": self.status, "message": self.message}]}, self.status)


class Dropped(Exception):
    """Ends a call by breaking the connection; only faults do that."""


def shape_of(path: str) -> Shape:
    """Which error shape the service at `path` has."""
    return _SHAPES.get(path.split("/", 2)[1] if path.startswith("/") else "", "artifactory")
