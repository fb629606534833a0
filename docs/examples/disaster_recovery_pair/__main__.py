"""A platform that stands in for another one, from a Pulumi program of your own.

pulumi config set master https://berlin.repo.acme.example
pulumi config set target https://tokyo.repo.acme.example
pulumi config set journals acme-journal  # two buckets, -eu-central-1 and -ap-northeast-1
BERLIN_TOKEN=… TOKYO_TOKEN=… pulumi up

To fail over: `pulumi config set serving tokyo`, `pulumi config set epoch 2`, `pulumi up`. No name is moved: `service` is
not declared.
"""

import pulumi

from artifactory_estate import DisasterRecoveryPair
from artifactory_estate.cloud.journal import Place
from artifactory_estate.disaster_recovery.component import End
from artifactory_estate.disaster_recovery.model import DisasterRecovery
from artifactory_estate.rest import Connection

config = pulumi.Config()
journals = config.require("journals")
pair = DisasterRecoveryPair(
    "berlin",
    "acme",
    DisasterRecovery.from_data(
        {
            "master": "berlin",
            "target": "tokyo",
            "serving": config.get("serving") or "berlin",
            "epoch": config.get_int("epoch") or 1,
            "objectives": {"rpo": "15m"},
        }
    ),
    master=End(
        Connection(site="berlin", url=config.require("master"), token="env:BERLIN_TOKEN"),
        Place(bucket=f"{journals}-eu-central-1", region="eu-central-1"),
    ),
    target=End(
        Connection(site="tokyo", url=config.require("target"), token="env:TOKYO_TOKEN"),
        Place(bucket=f"{journals}-ap-northeast-1", region="ap-northeast-1"),
    ),
)
pulumi.export("phase", pair.observed["phase"])
pulumi.export("waits for a later run", pair.observed["pending"])
