"""Auto Scaling Group. Which instances exist is the sandbox's AWS's business; what they run is the data plane's."""

import time
from collections.abc import Set
from contextlib import suppress
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import Call, Name, Problem, Row, fields, only, words
from artifactory_sandbox.aws_plugin.shape import pascal
from artifactory_sandbox.aws_plugin.wire import UNKNOWN, Props

_PLAIN = fields(
    "minSize maxSize desiredCapacity healthCheckType healthCheckGracePeriod defaultCooldown terminationPolicies "
    "capacityRebalance maxInstanceLifetime defaultInstanceWarmup serviceLinkedRoleArn availabilityZones",
    protectFromScaleIn="NewInstancesProtectedFromScaleIn", placementGroup="PlacementGroup",
)  # fmt: skip
_WAITING = words("waitForCapacityTimeout minElbCapacity waitForElbCapacity forceDelete instanceRefresh")
"""How the provider itself acts. The sandbox's groups have their instances at once, so there is nothing to wait for."""


_CANCELLED_WITHIN = 120.0
"""Seconds that a running instance refresh gets to stop."""


def _template(props: Props) -> dict[str, Any]:
    named = fields("version", id="LaunchTemplateId", name="LaunchTemplateName").request(props["launchTemplate"])
    return {"LaunchTemplate": named}


def _common(props: Props, only_: Set[str]) -> dict[str, Any]:
    request = _PLAIN.request(props, only_)
    if "launchTemplate" in only_ and props.get("launchTemplate"):
        request |= _template(props)
    if "vpcZoneIdentifiers" in only_ and props.get("vpcZoneIdentifiers"):
        request["VPCZoneIdentifier"] = ",".join(sorted(props["vpcZoneIdentifiers"]))
    return request


def _tags(name: str, tags: list[Props] | None) -> list[dict[str, Any]]:
    owner = {"ResourceId": name, "ResourceType": "auto-scaling-group"}
    return [owner | fields("key value propagateAtLaunch").request(tag) for tag in tags or []]


def _create(call: Call, props: Props) -> str:
    name = props.get("name") or f"{props['namePrefix']}{call.unique()}"
    request = _common(props, props.keys()) | {"AutoScalingGroupName": name, "Tags": _tags(name, props.get("tags"))}
    if arns := props.get("targetGroupArns"):
        request["TargetGroupARNs"] = arns
    call.aws("autoscaling").create_auto_scaling_group(**request)
    return str(name)


def _finish(call: Call, id_: str, props: Props) -> None:
    _collect(call, id_, props)
    _suspend(call, id_, set(), set(props.get("suspendedProcesses") or ()))


def _collect(call: Call, id_: str, props: Props) -> None:
    if metrics := props.get("enabledMetrics"):
        granularity = props.get("metricsGranularity") or "1Minute"
        call.aws("autoscaling").enable_metrics_collection(
            AutoScalingGroupName=id_, Metrics=metrics, Granularity=granularity
        )


def _suspend(call: Call, id_: str, before: Set[str], after: Set[str]) -> None:
    client = call.aws("autoscaling")
    if more := after - before:
        client.suspend_processes(AutoScalingGroupName=id_, ScalingProcesses=sorted(more))
    if gone := before - after:
        client.resume_processes(AutoScalingGroupName=id_, ScalingProcesses=sorted(gone))


def _update(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    client = call.aws("autoscaling")
    if request := _common(news, changed):
        client.update_auto_scaling_group(AutoScalingGroupName=id_, **request)
    before, after = set(olds.get("targetGroupArns") or ()), set(news.get("targetGroupArns") or ())
    if "targetGroupArns" in changed and after - before:
        client.attach_load_balancer_target_groups(AutoScalingGroupName=id_, TargetGroupARNs=sorted(after - before))
    if "targetGroupArns" in changed and before - after:
        client.detach_load_balancer_target_groups(AutoScalingGroupName=id_, TargetGroupARNs=sorted(before - after))
    if "tags" in changed:
        kept = {tag["key"] for tag in news.get("tags") or []}
        if gone := [tag for tag in olds.get("tags") or [] if tag["key"] not in kept]:
            client.delete_tags(Tags=_tags(id_, gone))
        if wanted := _tags(id_, news.get("tags")):
            client.create_or_update_tags(Tags=wanted)
    if changed & {"enabledMetrics", "metricsGranularity"}:
        _collect(call, id_, news)
    if "suspendedProcesses" in changed:
        _suspend(call, id_, *(set(props.get("suspendedProcesses") or ()) for props in (olds, news)))
    _refresh(call, id_, news, changed)


def _refresh(call: Call, id_: str, news: Props, changed: Set[str]) -> None:
    """Rolls the instances when the template changed (or another property that the declaration names as trigger)."""
    wish = news.get("instanceRefresh")
    if not wish or not changed & ({"launchTemplate"} | set(wish.get("triggers") or ())):
        return
    declared = wish.get("preferences") or {}
    seconds = {key: int(declared[key]) for key in ("instanceWarmup", "checkpointDelay") if declared.get(key)}
    preferences = pascal({**declared, **seconds})
    request = {"Strategy": wish.get("strategy", "Rolling"), "Preferences": preferences}
    _start_refresh(call.aws("autoscaling"), id_, request)


def _start_refresh(client: Any, group: str, request: dict[str, Any]) -> None:
    """One that still runs is for a template that is no longer wanted: it is cancelled, as the real plugin does."""
    deadline = time.monotonic() + _CANCELLED_WITHIN
    while True:
        try:
            client.start_instance_refresh(AutoScalingGroupName=group, **request)
            return
        except client.exceptions.InstanceRefreshInProgressFault:
            if time.monotonic() > deadline:
                raise
            with suppress(client.exceptions.ActiveInstanceRefreshNotFoundFault):
                client.cancel_instance_refresh(AutoScalingGroupName=group)
            time.sleep(1)


def _read(call: Call, id_: str, props: Props) -> Props | None:
    group = only(
        lambda: call.aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[id_])["AutoScalingGroups"]
    )
    if group is None:
        return None
    template = group.get("LaunchTemplate") or {}
    found = _PLAIN.answer(group) | {
        "arn": group["AutoScalingGroupARN"],
        "name": group["AutoScalingGroupName"],
        "vpcZoneIdentifiers": sorted(filter(None, (group.get("VPCZoneIdentifier") or "").split(","))),
        "launchTemplate": fields("version", id="LaunchTemplateId", name="LaunchTemplateName").answer(template),
        "targetGroupArns": group.get("TargetGroupARNs") or [],
        "tags": [fields("key value propagateAtLaunch").answer(tag) for tag in group.get("Tags") or []],
        "enabledMetrics": [each["Metric"] for each in group.get("EnabledMetrics") or []] or None,
        "suspendedProcesses": [each["ProcessName"] for each in group.get("SuspendedProcesses") or []] or None,
    }
    dropped = words("maxInstanceLifetime defaultInstanceWarmup capacityRebalance")  # moto keeps none of them
    return {key: value for key, value in found.items() if key not in dropped or value is not None}


def _delete(call: Call, id_: str, props: Props) -> None:
    """Without `forceDelete` the group is emptied first, as the real plugin does."""
    client, force = call.aws("autoscaling"), bool(props.get("forceDelete"))
    if _read(call, id_, props) is None:
        return
    if not force:
        client.update_auto_scaling_group(AutoScalingGroupName=id_, MinSize=0, MaxSize=0, DesiredCapacity=0)
    client.delete_auto_scaling_group(AutoScalingGroupName=id_, ForceDelete=force)


def _sizes(props: Props) -> list[Problem]:
    least, most, wanted = (props.get(key) for key in ("minSize", "maxSize", "desiredCapacity"))
    if UNKNOWN in (least, most, wanted) or least is None or most is None:
        return []
    if least > most:
        return [("minSize", f"is {least}, more than maxSize {most}")]
    if wanted is not None and not least <= wanted <= most:
        return [("desiredCapacity", f"is {wanted}; must be between minSize {least} and maxSize {most}")]
    return []


ROWS = (
    Row(
        "aws:autoscaling/group:Group",
        inputs=_PLAIN.names | _WAITING | words(
            "name namePrefix launchTemplate vpcZoneIdentifiers targetGroupArns tags enabledMetrics metricsGranularity "
            "suspendedProcesses"
        ),
        create=_create, finish=_finish, read=_read, update=_update, delete=_delete,
        replaces=words("name namePrefix"),
        local=_WAITING,
        undeclared={
            "terminationPolicies": ["Default"], "capacityRebalance": False, "protectFromScaleIn": False,
            "maxInstanceLifetime": 0, "healthCheckGracePeriod": 300,
        },
        name=Name(),
        limits=(
            limits.name("name", 255, r"[^:\x00-\x1f]+", "no colon, no control characters"),
            limits.needs_one("launchTemplate"),
            limits.needs_one("vpcZoneIdentifiers", "availabilityZones"),
            limits.one_of("healthCheckType", "EC2", "ELB"),
            _sizes,
        ),
    ),
)  # fmt: skip
