"""HTTP without any service: calls, answers, refusals, the route table and the ASGI application."""

from artifactory_sandbox.platform.web.answer import Answer, Stored, empty, html, json_answer, text
from artifactory_sandbox.platform.web.call import Call, Caller, Upload
from artifactory_sandbox.platform.web.refusal import Dropped, Refused
from artifactory_sandbox.platform.web.route import Needs, Route, Routes

__all__ = [
    "Answer",
    "Call",
    "Caller",
    "Dropped",
    "Needs",
    "Refused",
    "Route",
    "Routes",
    "Stored",
    "Upload",
    "empty",
    "html",
    "json_answer",
    "text",
]
