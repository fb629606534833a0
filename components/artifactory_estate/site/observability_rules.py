"""What alarms and logs of a site may not say."""

from collections.abc import Iterator

from artifactory_estate.base import Refusal, duration_text
from artifactory_estate.site.model import ManagedSite

_DAY_S = 86400
_RETENTION = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
"""Days that CloudWatch keeps logs for; others it does not offer."""
_LONGEST_LATENCY_S = 3600


def days(keep: int) -> int:
    """Seconds in the days that CloudWatch offers: the next that is not less.

    >>> days(86400), days(100 * 86400)
    (1, 120)
    """
    return next((offered for offered in _RETENTION if offered * _DAY_S >= keep), _RETENTION[-1])


def refusals(name: str, site: ManagedSite) -> Iterator[Refusal]:
    """Somebody who can be told; thresholds that can be crossed; logs that CloudWatch keeps."""
    watched, path = site.observability, ("sites", name, "observability")
    alarms, at = watched.alarms, (*path, "alarms")
    if alarms.notify and alarms.emails:
        why = "one of the two: a topic of yours has its own subscriptions"
        yield Refusal((*at, "emails"), "given, with notify", why, "Subscribe the addresses to the topic.")
    if alarms.notify:
        yield from _topic(alarms.notify, site, (*at, "notify"))
    for number, email in enumerate(alarms.emails):
        if email in alarms.emails[:number]:
            yield Refusal((*at, "emails", number), f"{email} is there twice", "each address is subscribed once")
    if not 1 <= alarms.latency <= _LONGEST_LATENCY_S:
        found = duration_text(alarms.latency)
        yield Refusal((*at, "latency"), found, "1s to 1h: a load balancer gives up an answer after its idle timeout")
    if not 60 <= alarms.replication_lag <= _DAY_S:
        yield Refusal(
            (*at, "replication_lag"), duration_text(alarms.replication_lag), "1m to 1d: S3 reports by the minute"
        )
    default = type(alarms)()
    if not site.filestore.bucket.replicate_to and alarms.replication_lag != default.replication_lag:
        yield Refusal((*at, "replication_lag"), "given", "filestore.bucket.replicate_to names no copy that could lag")
    for key in ("licence_expiry", "certificate_expiry"):
        value = getattr(alarms, key)
        if not _DAY_S <= value <= 365 * _DAY_S or value % _DAY_S:
            yield Refusal((*at, key), duration_text(value), "whole days, 1d to 365d: the metric counts days")
    named = site.load_balancer.certificate or site.load_balancer.own_certificate
    if named is None and alarms.certificate_expiry != default.certificate_expiry:
        why = "only a certificate that the document names can end: ACM renews the one that we make"
        yield Refusal((*at, "certificate_expiry"), "given", why)
    if not _DAY_S <= watched.keep_logs <= _RETENTION[-1] * _DAY_S:
        found = duration_text(watched.keep_logs)
        yield Refusal((*path, "keep_logs"), found, f"CloudWatch keeps logs for 1d to {_RETENTION[-1]}d")


def _topic(arn: str, site: ManagedSite, path: tuple[str, ...]) -> Iterator[Refusal]:
    region, account = arn.split(":")[3:5]
    if region != site.aws.region:
        yield Refusal(path, f"a topic of {region}", f"an alarm of {site.aws.region} notifies topics of its own region")
    if account != site.aws.account:
        why = f"the site's account is {site.aws.account}, and no other account's topic can be checked"
        yield Refusal(path, f"a topic of the account {account}", why)
