"""A certificate for the site's host, where the document names none: from ACM, which renews it by the same record."""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_aws import acm, route53


class SiteCertificate(pulumi.ComponentResource):
    """Pulumi type `artifactory-estate:index:SiteCertificate`. Makes `{name}-certificate`, `-validation`, and a record that
    proves each name: `-record` for the host, `-record-NAME` for others.

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
        also: Sequence[str] = (),
    ) -> None:
        """`names_below`: of `*.HOST` too, which the same record proves; `also`: other hosts of the same zone."""
        super().__init__("artifactory-estate:index:SiteCertificate", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        certificate = acm.Certificate(
            f"{name}-certificate",
            domain_name=host,
            subject_alternative_names=[*([f"*.{host}"] if names_below else []), *also] or None,
            validation_method="DNS",
            tags=dict(tags),
            opts=child,
        )
        # Another site answers to the other names too, asks for the same records, and needs them when this one is gone.
        shared = pulumi.ResourceOptions(parent=self, retain_on_delete=True)
        records = [
            _proof(f"{name}-record", certificate, host, zone_id, child),
            *(_proof(f"{name}-record-{other}", certificate, other, zone_id, shared) for other in also),
        ]
        validation = acm.CertificateValidation(
            f"{name}-validation",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn for record in records],
            opts=child,
        )
        self.arn = validation.certificate_arn
        self.register_outputs({"arn": self.arn})


def _proof(
    resource_name: str,
    certificate: acm.Certificate,
    host: str,
    zone_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> route53.Record:
    asked = certificate.domain_validation_options.apply(
        lambda options: next(option for option in options if option.domain_name == host)
    )
    return route53.Record(
        resource_name,
        zone_id=zone_id,
        name=asked.resource_record_name,
        type=asked.resource_record_type,
        records=[asked.resource_record_value],
        ttl=300,
        allow_overwrite=True,
        opts=opts,
    )
