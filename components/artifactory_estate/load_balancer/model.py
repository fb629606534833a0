"""What stands in front of a site's nodes."""

from typing import Annotated, Literal

from artifactory_estate.base import Duration, Model
from artifactory_estate.base.text_form import form

CertificateArn = Annotated[
    str,
    form(
        r"^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$",
        "arn:aws:acm:REGION:ACCOUNT:certificate/ID",
    ),
]


class LoadBalancer(Model):
    """One load balancer a site, aimed at Artifactory nodes only (files reference 5.4)."""

    kind: Literal["alb", "nlb", "nginx", "apache"] = "alb"
    """`nginx` and `apache` run beside Artifactory on each node, behind a network load balancer: they can set the
    override header, which an ALB cannot, so a site behind a service name needs one of them."""
    internal: bool = True
    """No public address. Say false to open the site to the internet."""
    certificate: CertificateArn | None = None
    """ARN of an ACM certificate. Required when the site's URL is https."""
    idle_timeout: Duration = 4000
    """ALB only; the longest allowed, for long uploads. 4000s."""
