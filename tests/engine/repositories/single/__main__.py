"""As many repositories as COUNT says, each a resource of its own."""

import os

import pulumi

from artifactory_estate.base import Owner
from artifactory_estate.engine import ManagedResource, platform_provider
from artifactory_estate.engine.resource import identity
from artifactory_estate.repositories.lifecycle import RepositoriesLifecycle
from artifactory_estate.repositories.model import Repositories
from artifactory_estate.repositories.rest_form import compact_all

kinds = ("maven", "npm", "pypi", "docker", "generic")
opts = pulumi.ResourceOptions(provider=platform_provider("lab-platform"))
for number in range(int(os.environ["COUNT"])):
    key, kind = f"team-{number // 5:04}-{kinds[number % 5]}-local", kinds[number % 5]
    local = {key: {"package_type": kind, "description": f"What team {number // 5} releases itself."}}
    declared = {
        "connection": {"site": "lab", "url": os.environ["URL"], "token": "env:ARTIFACTORY_TOKEN"},
        "owner": Owner(estate="acme", resource=identity(key)).to_data(),
        "repositories": compact_all(Repositories.from_data({"local": local})),
    }
    ManagedResource(key, RepositoriesLifecycle, declared, opts)
