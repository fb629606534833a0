"""One repository at two platforms that run already, each a full member, from a Pulumi program of your own.

pulumi config set berlin https://berlin.repo.acme.example
pulumi config set tokyo https://tokyo.repo.acme.example
BERLIN_TOKEN=… TOKYO_TOKEN=… pulumi up
"""

import pulumi

from artifactory_estate import Federation
from artifactory_estate.federation.model import Federation as Declared
from artifactory_estate.rest import Connection

config = pulumi.Config()
shared = Federation(
    "shared",
    "acme",
    Declared.from_data(
        {
            "members": {"berlin": {}, "tokyo": {}},
            "repositories": {"shared-federated": {"package_type": "generic", "description": "at both"}},
            "on_unreachable": "defer",
        }
    ),
    {
        "berlin": Connection(site="berlin", url=config.require("berlin"), token="env:BERLIN_TOKEN"),
        "tokyo": Connection(site="tokyo", url=config.require("tokyo"), token="env:TOKYO_TOKEN"),
    },
)
pulumi.export("waits for a later run", shared.observed["pending"])
