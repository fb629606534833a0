"""Repositories of a platform that runs already, from a Pulumi program of your own.

pulumi config set url https://repo.acme.example
ARTIFACTORY_TOKEN=… pulumi up
"""

import pulumi

from artifactory_estate import Repositories

made = Repositories(
    "team-repositories",
    estate="acme",
    connection={"site": "lab", "url": pulumi.Config().require("url"), "token": "env:ARTIFACTORY_TOKEN"},
    repositories={
        "local": {
            "libs-local": {"package_type": "maven", "description": "what we release"},
            "images-local": {"package_type": "docker", "allow_delete": True, "extra": {"maxUniqueTags": 20}},
        },
        "remote": {"npm-mirror": {"package_type": "npm", "url": "https://npm.acme.example"}},
        "virtual": {"libs": {"package_type": "maven", "repositories": ["libs-local"], "deploy_to": "libs-local"}},
    },
)
pulumi.export("repositories", made.observed["count"])
