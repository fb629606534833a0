"""The account, region and role of a site."""

import pulumi_aws as aws

from artifactory_estate.site.model import Aws


def aws_provider(name: str, where: Aws) -> aws.Provider:
    """The AWS provider of one site; another account's credentials are refused."""
    roles = [{"role_arn": where.assume_role, "session_name": "artifactory-estate"}] if where.assume_role else None
    return aws.Provider(name, region=where.region, assume_roles=roles, allowed_account_ids=[where.account])
