"""The whole route table, gathered from the services."""

from artifactory_sandbox.platform import control
from artifactory_sandbox.platform.artifacts import routes as artifacts
from artifactory_sandbox.platform.binaries import routes as binaries
from artifactory_sandbox.platform.builds import routes as builds
from artifactory_sandbox.platform.cleanup import routes as cleanup
from artifactory_sandbox.platform.distribution import routes as distribution
from artifactory_sandbox.platform.federation import routes as federation
from artifactory_sandbox.platform.licences import routes as licences
from artifactory_sandbox.platform.lifecycle import routes as lifecycle
from artifactory_sandbox.platform.lifecycle import service_routes
from artifactory_sandbox.platform.metrics import routes as metrics
from artifactory_sandbox.platform.mission_control import routes as mission_control
from artifactory_sandbox.platform.packages import calculation
from artifactory_sandbox.platform.packages.conan import routes as conan
from artifactory_sandbox.platform.packages.debian import routes as debian
from artifactory_sandbox.platform.packages.docker import routes as docker
from artifactory_sandbox.platform.packages.go import routes as go
from artifactory_sandbox.platform.packages.helm import routes as helm
from artifactory_sandbox.platform.packages.maven import routes as maven
from artifactory_sandbox.platform.packages.npm import routes as npm
from artifactory_sandbox.platform.packages.pypi import routes as pypi
from artifactory_sandbox.platform.replication import routes as replication
from artifactory_sandbox.platform.repositories import routes as repositories
from artifactory_sandbox.platform.search import routes as search
from artifactory_sandbox.platform.security import routes as security
from artifactory_sandbox.platform.system import routes as system
from artifactory_sandbox.platform.trust import routes as trust
from artifactory_sandbox.platform.web import Routes
from artifactory_sandbox.platform.webhooks import routes as webhooks

ROUTES = Routes(
    (
        *system.ROUTES,
        *licences.ROUTES,
        *metrics.ROUTES,
        *security.ROUTES,
        *repositories.ROUTES,
        *artifacts.ROUTES,
        *binaries.ROUTES,
        *search.ROUTES,
        *replication.ROUTES,
        *trust.ROUTES,
        *federation.ROUTES,
        *mission_control.ROUTES,
        *builds.ROUTES,
        *webhooks.ROUTES,
        *lifecycle.ROUTES,
        *service_routes.ROUTES,
        *distribution.ROUTES,
        *cleanup.ROUTES,
        *npm.ROUTES,
        *helm.ROUTES,
        *debian.ROUTES,
        *pypi.ROUTES,
        *docker.ROUTES,
        *go.ROUTES,
        *conan.ROUTES,
        *maven.ROUTES,
        *calculation.ROUTES,
        *control.ROUTES,
    )
)
