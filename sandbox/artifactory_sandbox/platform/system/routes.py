"""Every row of the system (1, 12.1, 12.6), gathered from its parts."""

from artifactory_sandbox.platform.system import (
    descriptor_routes,
    export_routes,
    global_routes,
    health,
    identity,
    measured,
    plugins,
    signing_key,
    storage_routes,
)

ROUTES = (
    *health.ROUTES,
    *identity.ROUTES,
    *measured.ROUTES,
    *plugins.ROUTES,
    *signing_key.ROUTES,
    *descriptor_routes.ROUTES,
    *global_routes.ROUTES,
    *storage_routes.ROUTES,
    *export_routes.ROUTES,
)
