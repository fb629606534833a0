"""A versioned, encrypted bucket for binaries, from a Pulumi program of your own.

pulumi config set bucket acme-binaries
AWS_REGION=eu-central-1 pulumi up

`allow_delete` lets `pulumi destroy` take the bucket with what it holds: leave it out where the binaries matter.
"""

import pulumi

from artifactory_estate import VersionedFilestore
from artifactory_estate.filestore.model import Bucket

filestore = VersionedFilestore(
    "binaries",
    pulumi.Config().require("bucket"),
    Bucket.from_data({"keep_old_versions": "60d", "allow_delete": True}),
    tags={"owner": "platform"},
)
pulumi.export("bucket", filestore.bucket)
