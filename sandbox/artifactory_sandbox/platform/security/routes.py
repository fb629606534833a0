"""The rows of Access and of Artifactory's security (4.3 to 4.6, 12.5), gathered."""

from artifactory_sandbox.platform.security import (
    access_routes,
    account_routes,
    iam_roles,
    ldap,
    legacy_routes,
    login_routes,
    policies,
    scim,
    sign_on,
    token_routes,
    vault,
)
from artifactory_sandbox.platform.security.grants import routes as grants
from artifactory_sandbox.platform.security.keys import routes as keys
from artifactory_sandbox.platform.security.projects import resources
from artifactory_sandbox.platform.security.projects import routes as projects

ROUTES = (
    *access_routes.ROUTES,
    *legacy_routes.ROUTES,
    *account_routes.ROUTES,
    *grants.ROUTES,
    *token_routes.ROUTES,
    *login_routes.ROUTES,
    *projects.ROUTES,
    *resources.ROUTES,
    *keys.ROUTES,
    *policies.ROUTES,
    *ldap.ROUTES,
    *sign_on.ROUTES,
    *iam_roles.ROUTES,
    *scim.ROUTES,
    *vault.ROUTES,
)
