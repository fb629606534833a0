"""A whole site on AWS, from an empty account to a licensed cluster, from a Pulumi program of your own.

pulumi config set account 123456789012
pulumi config set package s3://acme-packages/jfrog-artifactory-pro-7.111.4.rpm
pulumi config set sha256 …
ACME_LICENCES="$(cat licences.txt)" AWS_REGION=us-east-1 pulumi up

The hosted zone `acme.example` exists. The two `allow_delete` let `pulumi destroy` take what the site holds: leave them out
where it matters.
"""

import pulumi

from artifactory_estate import Site
from artifactory_estate.site.model import ManagedSite

config = pulumi.Config()
declared = ManagedSite.from_data(
    {
        "platform": "managed",
        "url": "http://us-east.repo.acme.example",
        "aws": {"account": config.require("account"), "region": "us-east-1"},
        "artifactory": {
            "version": "7.111.4",
            "package": {"source": config.require("package"), "sha256": config.require("sha256")},
        },
        "network": {"create": {"cidr": "10.10.0.0/16"}},
        "nodes": {"count": config.get_int("nodes") or 2, "size": "small"},
        "licences": "env:ACME_LICENCES",
        "load_balancer": {"kind": "nginx"},
        "database": {"allow_delete": True},
        "filestore": {"cache": "1GiB", "bucket": {"allow_delete": True}},
        "repositories": {"local": {"libs-local": {"package_type": "maven"}}},
    }
)
site = Site("us-east", "acme", declared, tags={"owner": "platform"})
pulumi.export("url", site.url)
pulumi.export("filestore", site.filestore_bucket)
