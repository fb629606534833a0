"""Moves the traffic of a service name, from the region of the site that takes over alone.

Two Route 53 failover records stand ready (master primary, target secondary); each side's health check reads an alarm in
the OTHER side's region, and the alarm reads the metric written here. Nothing here writes to Route 53 or IAM, whose
control planes live in one region (design 4).
"""

import subprocess
from collections.abc import Sequence
from typing import Literal

from botocore.exceptions import BotoCoreError, ClientError

from artifactory_estate.base import EstateError, Model
from artifactory_estate.cloud.session import client

NAMESPACE = "ArtifactoryEstate"
METRIC = "Serving"
HOOK_TIMEOUT_S = 120.0


class SwitchFailed(EstateError):
    """The traffic did not move."""


class Side(Model):
    """One end of the pair, as the switch sees it."""

    site: str
    region: str
    role: str | None = None


class Switch(Model):
    """How the traffic of a service name moves."""

    kind: Literal["route53", "hook"]
    """`route53`: a metric. `hook`: a program of the user's."""
    estate: str
    """Dimension `Estate`."""
    pair: str
    """Dimension `Pair`."""
    command: tuple[str, ...] = ()
    """For `hook`: program and arguments; gets the serving site as last argument."""


def alarm_name(estate: str, pair: str, site: str) -> str:
    """`acme-east-us-east-not-serving`, in the region of the other side."""
    return f"{estate}-{pair}-{site}-not-serving"


def move(switch: Switch, primary: Side, secondary: Side, serving: str) -> Sequence[str]:
    """Send the traffic to `serving`; what could not be said everywhere yet comes back as sentences.

    Raises `SwitchFailed` when the traffic does not move. Repeating it is safe; a hook must be so too.
    """
    if switch.kind == "hook":
        _run(switch.command, serving)
        return ()
    if serving == secondary.site:
        return _to_secondary(switch, primary, secondary)
    return _to_primary(switch, primary, secondary)


def _to_secondary(switch: Switch, primary: Side, secondary: Side) -> Sequence[str]:
    """The primary's check stands in the secondary's region: that is all a failover needs."""
    if not _say(switch, primary.site, 0, at=secondary):
        raise SwitchFailed(f"CloudWatch in {secondary.region} does not answer: the traffic stays at {primary.site}")
    # With both unhealthy Route 53 answers with the primary, so the secondary is kept healthy.
    if _say(switch, secondary.site, 1, at=primary):
        return ()
    return (f"{primary.region} is not reachable: {secondary.site} is to be reported as serving there",)


def _to_primary(switch: Switch, primary: Side, secondary: Side) -> Sequence[str]:
    if _say(switch, primary.site, 1, at=secondary):
        if _say(switch, secondary.site, 1, at=primary):  # ready for the next failover
            return ()
        return (f"{primary.region} is not reachable: {secondary.site} is to be reported as ready there",)
    # The primary cannot be reported healthy where its alarm stands; with both unhealthy the primary answers.
    if not _say(switch, secondary.site, 0, at=primary):
        raise SwitchFailed(f"CloudWatch in {primary.region} and {secondary.region} does not answer: the traffic stays")
    return (f"{secondary.region} is not reachable: {primary.site} is to be reported as serving there",)


def _say(switch: Switch, site: str, value: int, at: Side) -> bool:
    """Whether CloudWatch in that region took the value; its alarm decides the site's health check."""
    dimensions = {"Estate": switch.estate, "Pair": switch.pair, "Site": site}
    datum = {
        "MetricName": METRIC,
        "Value": value,
        "Dimensions": [{"Name": name, "Value": text} for name, text in dimensions.items()],
    }
    try:
        cloudwatch = client("cloudwatch", region=at.region, role=at.role, quick=True)
        cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=[datum])
    except (BotoCoreError, ClientError, OSError):
        return False
    return True


def _run(command: Sequence[str], serving: str) -> None:
    if not command:
        raise SwitchFailed("the hook has no command")
    try:
        done = subprocess.run(
            [*command, serving],
            capture_output=True,
            text=True,
            timeout=HOOK_TIMEOUT_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SwitchFailed(f"{command[0]} could not be run: {type(error).__name__}") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise SwitchFailed(f"{command[0]} ended with {done.returncode}: {said[-1] if said else 'no output'}")
