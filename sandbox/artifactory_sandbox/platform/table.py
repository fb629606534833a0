"""The whole route table, gathered from the services."""

from artifactory_sandbox.platform import control
from artifactory_sandbox.platform.artifacts import routes as artifacts
from artifactory_sandbox.platform.federation import routes as federation
from artifactory_sandbox.platform.licences import routes as licences
from artifactory_sandbox.platform.mission_control import routes as mission_control
from artifactory_sandbox.platform.replication import routes as replication
from artifactory_sandbox.platform.repositories import routes as repositories
from artifactory_sandbox.platform.search import routes as search
from artifactory_sandbox.platform.security import routes as security
from artifactory_sandbox.platform.system import descriptor_routes, storage
from artifactory_sandbox.platform.system import routes as system
from artifactory_sandbox.platform.trust import routes as trust
from artifactory_sandbox.platform.web import Routes

ROUTES = Routes(
    (
        *system.ROUTES,
        *descriptor_routes.ROUTES,
        *storage.ROUTES,
        *licences.ROUTES,
        *security.ROUTES,
        *repositories.ROUTES,
        *artifacts.ROUTES,
        *search.ROUTES,
        *replication.ROUTES,
        *trust.ROUTES,
        *federation.ROUTES,
        *mission_control.ROUTES,
        *control.ROUTES,
    )
)
