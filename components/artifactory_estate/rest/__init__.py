"""The Artifactory, Access and Mission Control client: transport, errors, one module an API family."""

from artifactory_estate.rest.connection import Connection
from artifactory_estate.rest.errors import (
    Answered,
    BadAnswer,
    BadCall,
    Conflict,
    Forbidden,
    Invalid,
    NotAllowed,
    NotSent,
    NotThere,
    RestError,
    ServerFailed,
    Unauthorized,
    Unreachable,
    Untrusted,
)
from artifactory_estate.rest.transport import Platform, Resolve

__all__ = [
    "Answered",
    "BadAnswer",
    "BadCall",
    "Conflict",
    "Connection",
    "Forbidden",
    "Invalid",
    "NotAllowed",
    "NotSent",
    "NotThere",
    "Platform",
    "Resolve",
    "RestError",
    "ServerFailed",
    "Unauthorized",
    "Unreachable",
    "Untrusted",
]
