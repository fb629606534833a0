"""As many repositories as COUNT says; DESCRIPTION goes into the first one."""

import os

from artifactory_estate.repositories.component import Repositories

count = int(os.environ["COUNT"])
kinds = ("maven", "npm", "pypi", "docker", "generic")
local = {
    f"team-{number // 5:04}-{kinds[number % 5]}-local": {
        "package_type": kinds[number % 5],
        "description": f"What team {number // 5} releases itself.",
    }
    for number in range(count)
}
if "DESCRIPTION" in os.environ:
    local["team-0000-maven-local"]["description"] = os.environ["DESCRIPTION"]
Repositories(
    "many",
    estate="acme",
    connection={"site": "lab", "url": os.environ["URL"], "token": "env:ARTIFACTORY_TOKEN"},
    repositories={"local": local},
)
