"""The Artifactory, Access and Mission Control client: transport, errors, one module an API family."""

from artifactory_estate.rest.connection import Connection
from artifactory_estate.rest.errors import Answered, BadAnswer, NotSent, NotThere, RestError, Unauthorized, Unreachable
from artifactory_estate.rest.transport import Platform, Resolve

__all__ = [
    "Answered",
    "BadAnswer",
    "Connection",
    "NotSent",
    "NotThere",
    "Platform",
    "Resolve",
    "RestError",
    "Unauthorized",
    "Unreachable",
]
