"""The account, region and role of a site."""

import pulumi_aws as aws

from artifactory_estate.site.model import Aws


def aws_provider(name: str, where: Aws) -> aws.Provider:
    """The AWS provider of one site; another account's credentials are refused."""
    return aws.Provider(name, region=where.region, assume_roles=_roles(where), allowed_account_ids=[where.account])


def unasking_aws_provider(name: str, where: Aws, sts_region: str) -> aws.Provider:
    """For a pair: configuring it calls nobody in the site's own region, which may be the dead one of a failover.

    Without the look-ups that a provider makes at its start, and with the role assumed in `sts_region`, the serving
    site's. The account was checked by the site's own stack.
    """
    return aws.Provider(
        name,
        region=where.region,
        assume_roles=_roles(where),
        sts_region=sts_region if where.assume_role else None,
        skip_credentials_validation=True,
        skip_requesting_account_id=True,
        skip_region_validation=True,
    )


def _roles(where: Aws) -> list[aws.ProviderAssumeRoleArgsDict] | None:
    return [{"role_arn": where.assume_role, "session_name": "artifactory-estate"}] if where.assume_role else None
