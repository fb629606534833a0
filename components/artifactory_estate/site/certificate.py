"""A certificate for the site's host, where the document names none: from ACM, which renews it by the same record."""

from collections.abc import Mapping

import pulumi
from pulumi_aws import acm, route53


class SiteCertificate(pulumi.ComponentResource):
    """Pulumi type `artifactory-estate:index:SiteCertificate`. Makes `{name}-certificate`, `-record` and `-validation`.

    The zone is public, or nobody could see that the host is ours.
    """

    arn: pulumi.Output[str]
    """Once it is issued."""

    def __init__(
        self,
        name: str,
        host: str,
        zone_id: pulumi.Input[str],
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
        *,
        names_below: bool = False,
    ) -> None:
        """`names_below`: of `*.HOST` too, which the same record proves."""
        super().__init__("artifactory-estate:index:SiteCertificate", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        certificate = acm.Certificate(
            f"{name}-certificate",
            domain_name=host,
            subject_alternative_names=[f"*.{host}"] if names_below else None,
            validation_method="DNS",
            tags=dict(tags),
            opts=child,
        )
        asked = certificate.domain_validation_options[0]
        record = route53.Record(
            f"{name}-record",
            zone_id=zone_id,
            name=asked.resource_record_name,
            type=asked.resource_record_type,
            records=[asked.resource_record_value],
            ttl=300,
            allow_overwrite=True,
            opts=child,
        )
        validation = acm.CertificateValidation(
            f"{name}-validation",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            opts=child,
        )
        self.arn = validation.certificate_arn
        self.register_outputs({"arn": self.arn})
