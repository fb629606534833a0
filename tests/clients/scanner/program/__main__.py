"""A program of a user's own with the fewest words; the same as `variants.default_program`."""

import pulumi
import pulumi_aws

from artifactory_estate import Site
from artifactory_estate.engine import platform_provider

aws = pulumi_aws.Provider("aws", region="us-east-1")
Site(
    "repo",
    url="https://repo.acme.example",
    nodes=2,
    licences="env:LICENCES",
    package={"source": "s3://acme-packages/jfrog-artifactory-pro-7.111.4.rpm", "sha256": "5f" * 32},
    opts=pulumi.ResourceOptions(providers=[aws, platform_provider("platform")]),
)
