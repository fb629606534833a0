"""A site behind an ALB; `nodes` and `max` are configuration."""

import pulumi

from artifactory_estate import Site

config = pulumi.Config()
site = Site(
    "us-east",
    url="http://us-east.repo.acme.example",
    nodes={"count": config.require_int("nodes"), "max": config.get_int("max") or 4, "size": "small"},
    licences="env:ACME_LICENCES",
    package={"source": "sandbox", "sha256": "0" * 64, "version": "7.111.4"},
)
pulumi.export("url", site.url)
pulumi.export("bucket", site.site_bucket)
