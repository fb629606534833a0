"""What is watched at a site, who hears of it, and how long logs are kept."""

from typing import Annotated

from pydantic import Field

from artifactory_estate.base import Duration, Model
from artifactory_estate.base.text_form import form

TopicArn = Annotated[
    str,
    form(r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$", "arn:aws:sns:REGION:ACCOUNT:TOPIC"),
]
Email = Annotated[str, form(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", "an address such as platform@acme.example")]
Percent = Annotated[int, Field(ge=1, le=99)]


class Alarms(Model):
    """CloudWatch alarms of the site. Without `notify` and `emails` they are made and seen on the dashboard, and nobody is
    told."""

    notify: TopicArn | None = None
    """SNS topic of yours, in the site's region; one of `notify` and `emails`."""
    emails: tuple[Email, ...] = ()
    """Addresses that a topic of the site sends to; each has to confirm once."""
    server_errors: Annotated[int, Field(ge=1, le=1_000_000)] = 50
    """Answers 500 to 599 within five minutes."""
    latency: Duration = 5
    """Until an answer begins, 95th percentile over five minutes. Default 5s."""
    database_connections: Percent = 80
    """Percent of `max_connections`."""
    database_cpu: Percent = 80
    """Percent over fifteen minutes."""
    database_storage: Percent = 15
    """Percent of the allocated storage that has to be free."""
    free_storage: Percent = 15
    """Percent of each mount of a node that has to be free."""
    replication_lag: Duration = 900
    """Of the copy of the bucket in another region, where there is one. Default 15m, what S3's time control promises."""
    licence_expiry: Duration = 30 * 86400
    """Before the first licence ends. Default 30d."""
    certificate_expiry: Duration = 30 * 86400
    """Before the load balancer's certificate, or the site's own, ends. Default 30d."""


class Observability(Model):
    """Alarms, dashboard, logs, metrics."""

    alarms: Alarms = Alarms()
    """What is too much, and who is told."""
    dashboard: bool = True
    """A CloudWatch dashboard `<estate>-<site>`."""
    keep_logs: Duration = 365 * 86400
    """How long the log groups keep the nodes' logs and the network's flow logs. Default 365d."""
    open_metrics: bool = True
    """Whether the nodes answer `/artifactory/api/v1/metrics` (REST reference 8)."""
