"""What stands in front of a site's nodes."""

from typing import Annotated, Literal

from pydantic import Field

from artifactory_estate.base import Duration, Model, SecretRef, Size
from artifactory_estate.base.name import HttpUrl, RepositoryKey
from artifactory_estate.base.text_form import form

CertificateArn = Annotated[
    str,
    form(
        r"^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$",
        "arn:aws:acm:REGION:ACCOUNT:certificate/ID",
    ),
]
Source = Annotated[
    str,
    form(
        r"^(pl-[0-9a-f]+|[0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2})$",
        "a network such as 10.0.0.0/8 or a prefix list, pl-…,",
    ),
]
BucketName = Annotated[
    str, form(r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", "3 to 63 lower-case letters, digits, dots and dashes")
]
FrontType = Annotated[str, form(r"^[a-z][a-z0-9-]*\.[a-z0-9-]+$", "an EC2 type such as c7i.xlarge")]


class Docker(Model):
    """How registry clients name a repository (files reference 5.2)."""

    method: Literal["repository-path", "subdomain", "port"] = "repository-path"
    """`HOST/REPOSITORY/image`, `REPOSITORY.HOST/image` or `HOST:PORT/image`. The last two need nginx or apache; subdomain
    needs a certificate of `*.HOST` too."""
    ports: dict[RepositoryKey, Annotated[int, Field(ge=1, le=65535)]] = {}
    """method: port; the port of each repository."""


class Fronts(Model):
    """The instances of placement: front, in an Auto Scaling group of their own."""

    count: Annotated[int, Field(ge=1, le=10)] | None = None
    """Default: the row of `nodes.size` (files reference 7.1), and two at least before a cluster."""
    instance_type: FrontType | None = None
    """x86. Default: the row of `nodes.size`, in the x86 type of the same size."""


class OwnCertificate(Model):
    """A certificate with which nginx or Apache end TLS themselves. A new value is served by a reload, no connection drops."""

    certificate: SecretRef
    """Reference to the certificate and its chain, PEM."""
    key: SecretRef
    """Reference to its private key, PEM, without a passphrase."""


class HealthCheck(Model):
    """How a target is asked whether it may get requests (files reference 5.4)."""

    probe: Literal["health", "readiness", "ping"] = "health"
    """`health`: the router and every service behind it. `readiness`: Artifactory alone, for rules that go straight to it.
    `ping`: all generations, but needs anonymous access."""
    interval: Duration = 15
    """15s."""
    timeout: Duration = 10
    """10s."""
    healthy: int = 2
    """Good answers in a row until a target gets requests."""
    unhealthy: int = 3
    """Bad ones until it gets none."""


class AccessLogs(Model):
    """Where the load balancer writes one line a request. The bucket is yours, with the policy that AWS asks for."""

    bucket: BucketName
    """In the site's region."""
    prefix: str = ""
    """Folder in it."""


class LoadBalancer(Model):
    """One load balancer a site, aimed at Artifactory nodes only (files reference 5.4)."""

    kind: Literal["alb", "nlb", "nginx", "apache"] = "alb"
    """`nginx` and `apache` stand behind a network load balancer. They can set the override header, which an ALB cannot, so
    a site behind a service name needs one of them."""
    placement: Literal["node", "front"] = "node"
    """nginx and apache: beside Artifactory on each node, or on instances of their own in front of all nodes."""
    fronts: Fronts = Fronts()
    """placement: front."""
    internal: bool = True
    """No public address. Say false to open the site to the internet."""
    allow: tuple[Source, ...] = ()
    """Networks and prefix lists that reach it. Default: private ones, or everybody when it is not internal."""
    certificate: CertificateArn | None = None
    """ARN of an ACM certificate: the load balancer ends TLS. Default for https without `own_certificate`: one is asked
    for, proven by a record in the site's zone, and renewed by ACM. The zone must be public; `zone: none` needs this."""
    own_certificate: OwnCertificate | None = None
    """nginx and apache: they end TLS, the network load balancer passes it on."""
    tls: Literal["1.2", "1.3"] = "1.2"
    """Oldest version of TLS that is spoken."""
    hsts: Duration = 31536000
    """Strict-Transport-Security of an https site: how long browsers remember. 0s: not sent. Not by kind: nlb. 365d."""
    redirect_http: bool = True
    """An https site answers at port 80 with a redirect. Not by kind: nlb, which cannot."""
    docker: Docker = Docker()
    """Access to registries."""
    override_base_url: Literal["client", "site"] | HttpUrl = "client"
    """X-JFrog-Override-Base-Url of nginx and apache. `client`: the name and port that the client used. `site`: the site's
    URL. Or the URL of a service name."""
    idle_timeout: Duration = 4000
    """ALB only; the longest allowed, for long uploads. 4000s."""
    read_timeout: Duration = 2400
    """nginx and apache: how long an answer of Artifactory is waited for. 2400s."""
    max_body: Size | None = None
    """nginx and apache: largest upload. Default: none."""
    health_check: HealthCheck = HealthCheck()
    """Of the target groups."""
    deregistration_delay: Duration = 120
    """How long a node that leaves goes on with what it has begun. 120s, up to 3600s; placement: front: 30s at least."""
    slow_start: Duration = 30
    """ALB only: how long a new node gets a growing share. 30s to 900s; 0s: at once."""
    deletion_protection: bool | None = None
    """AWS refuses to delete it. Default: true, unless the site's database may be deleted."""
    access_logs: AccessLogs | None = None
    """Default: none. Of an NLB only TLS listeners write them."""

    @property
    def proxies(self) -> bool:
        """Whether a web server of ours stands between load balancer and nodes."""
        return self.kind in ("nginx", "apache")

    @property
    def on_fronts(self) -> bool:
        """Whether that web server has instances of its own."""
        return self.proxies and self.placement == "front"
