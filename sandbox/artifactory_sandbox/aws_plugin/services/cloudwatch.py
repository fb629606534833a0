"""MetricAlarm and Dashboard of CloudWatch; LogGroup and LogMetricFilter."""

from collections.abc import Mapping, Set
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import Call, Name, Row, fields, only, tag_list, tag_map, words
from artifactory_sandbox.aws_plugin.wire import Props

# MetricAlarm ----------------------------------------------------------------------------------------------------------

_ALARM = fields(
    "actionsEnabled alarmActions alarmDescription comparisonOperator datapointsToAlarm evaluationPeriods "
    "extendedStatistic insufficientDataActions metricName namespace period statistic threshold treatMissingData unit",
    okActions="OKActions", evaluateLowSampleCountPercentiles="EvaluateLowSampleCountPercentile",
)  # fmt: skip


def _put(call: Call, name: str, props: Props, tags: Mapping[str, str] | None = None) -> None:
    dimensions = [{"Name": key, "Value": value} for key, value in (props.get("dimensions") or {}).items()]
    extra = {"Tags": tag_list(tags)} if tags else {}
    call.aws("cloudwatch").put_metric_alarm(AlarmName=name, Dimensions=dimensions, **_ALARM.request(props), **extra)


def _create(call: Call, props: Props) -> str:
    _put(call, props["name"], props, props["tagsAll"])
    return str(props["name"])


def _update(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    _put(call, id_, news)


def _read(call: Call, id_: str, props: Props) -> Props | None:
    client = call.aws("cloudwatch")
    alarm = only(lambda: client.describe_alarms(AlarmNames=[id_])["MetricAlarms"])
    if alarm is None:
        return None
    found = {key: value for key, value in _ALARM.answer(alarm).items() if value not in (None, [])}
    return found | {
        "arn": alarm["AlarmArn"],
        "name": alarm["AlarmName"],
        "dimensions": {each["Name"]: each["Value"] for each in alarm.get("Dimensions") or []} or None,
        "tags": tag_map(client.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]),
    }


def _tag(call: Call, id_: str, props: Props, tags: Mapping[str, str], gone: list[str]) -> None:
    client, arn = call.aws("cloudwatch"), props["arn"]
    if gone:
        client.untag_resource(ResourceARN=arn, TagKeys=gone)
    if tags:
        client.tag_resource(ResourceARN=arn, Tags=tag_list(tags))


ALARM = Row(
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    inputs=_ALARM.names | words("name dimensions tags"),
    create=_create, read=_read, update=_update, tag=_tag,
    delete=lambda call, id_, props: call.aws("cloudwatch").delete_alarms(AlarmNames=[id_]),
    replaces=words("name"),
    undeclared={"actionsEnabled": True, "treatMissingData": "missing"},
    name=Name(prefix=None),
    limits=(
        limits.name("name", 255, r"[^\x00-\x1f]+", "no control characters"),
        limits.one_of("treatMissingData", "missing", "ignore", "breaching", "notBreaching"),
        limits.one_of(
            "comparisonOperator", "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold",
            "LessThanOrEqualToThreshold",
        ),
        limits.one_of("statistic", "SampleCount", "Average", "Sum", "Minimum", "Maximum"),
        limits.needs_one("statistic", "extendedStatistic"),
        limits.needs_one("metricName"),
        limits.needs_one("threshold"),
    ),
)  # fmt: skip

# LogGroup -------------------------------------------------------------------------------------------------------------


def _create_group(call: Call, props: Props) -> str:
    name = props.get("name") or f"{props['namePrefix']}{call.unique()}"
    request: dict[str, Any] = {"logGroupName": name} | ({"tags": props["tagsAll"]} if props["tagsAll"] else {})
    if props.get("kmsKeyId"):
        request["kmsKeyId"] = props["kmsKeyId"]
    call.aws("logs").create_log_group(**request)
    return str(name)


def _retain(call: Call, id_: str, props: Props) -> None:
    if days := props.get("retentionInDays"):
        call.aws("logs").put_retention_policy(logGroupName=id_, retentionInDays=days)


def _update_group(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    if news.get("retentionInDays"):
        _retain(call, id_, news)
    elif olds.get("retentionInDays"):
        call.aws("logs").delete_retention_policy(logGroupName=id_)


def _read_group(call: Call, id_: str, props: Props) -> Props | None:
    client = call.aws("logs")
    listed = client.describe_log_groups(logGroupNamePrefix=id_)["logGroups"]
    group = only(lambda: [each for each in listed if each["logGroupName"] == id_])
    if group is None:
        return None
    arn = group["arn"].removesuffix(":*")
    return {
        "arn": arn,
        "name": id_,
        "retentionInDays": group.get("retentionInDays") or 0,
        "kmsKeyId": group.get("kmsKeyId"),
        "tags": dict(client.list_tags_for_resource(resourceArn=arn)["tags"]),
    }


def _tag_group(call: Call, id_: str, props: Props, tags: Mapping[str, str], gone: list[str]) -> None:
    client, arn = call.aws("logs"), props["arn"]
    if gone:
        client.untag_resource(resourceArn=arn, tagKeys=gone)
    if tags:
        client.tag_resource(resourceArn=arn, tags=dict(tags))


def _delete_group(call: Call, id_: str, props: Props) -> None:
    if not props.get("skipDestroy"):
        call.aws("logs").delete_log_group(logGroupName=id_)


_DAYS = {0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}


def _retention(props: Props) -> Any:
    days = props.get("retentionInDays")
    if isinstance(days, int) and days not in _DAYS:
        yield "retentionInDays", f"is {days}; AWS takes {', '.join(map(str, sorted(_DAYS)))} (0: for ever)"


LOG_GROUP = Row(
    "aws:cloudwatch/logGroup:LogGroup",
    inputs=words("name namePrefix retentionInDays kmsKeyId skipDestroy tags"),
    create=_create_group, finish=_retain, read=_read_group, update=_update_group, delete=_delete_group, tag=_tag_group,
    replaces=words("name namePrefix kmsKeyId"), local=words("skipDestroy"),
    name=Name(longest=512),
    limits=(limits.name("name", 512, r"[A-Za-z0-9_/.#-]+", "letters, digits and _ / . # -"), _retention),
)  # fmt: skip

# LogMetricFilter ------------------------------------------------------------------------------------------------------

_COUNTED = fields("name namespace value defaultValue unit dimensions", name="metricName", namespace="metricNamespace",
                  value="metricValue", defaultValue="defaultValue", unit="unit", dimensions="dimensions")  # fmt: skip


def _put_filter(call: Call, id_: str, props: Props) -> None:
    call.aws("logs").put_metric_filter(
        logGroupName=props["logGroupName"],
        filterName=props["name"],
        filterPattern=props["pattern"],
        metricTransformations=[_COUNTED.request(props["metricTransformation"])],
    )


def _create_filter(call: Call, props: Props) -> str:
    _put_filter(call, "", props)
    return str(props["name"])


def _read_filter(call: Call, id_: str, props: Props) -> Props | None:
    group, _, name = id_.rpartition(":")  # an import names group and filter
    where = {"logGroupName": group or props["logGroupName"], "filterNamePrefix": name}
    found = call.aws("logs").describe_metric_filters(**where)["metricFilters"]
    mine = only(lambda: [each for each in found if each["filterName"] == name])
    if mine is None:
        return None
    counted = _COUNTED.answer(mine["metricTransformations"][0])
    return {
        "name": name,
        "logGroupName": mine["logGroupName"],
        "pattern": mine["filterPattern"],
        "metricTransformation": {key: value for key, value in counted.items() if value is not None},
    }


FILTER = Row(
    "aws:cloudwatch/logMetricFilter:LogMetricFilter",
    inputs=words("name logGroupName pattern metricTransformation"),
    create=_create_filter, read=_read_filter,
    update=lambda call, id_, olds, news, changed: _put_filter(call, id_, news),
    delete=lambda call, id_, props: call.aws("logs").delete_metric_filter(
        logGroupName=props["logGroupName"], filterName=id_
    ),
    replaces=words("name logGroupName"),
    name=Name(prefix=None, longest=512),
    limits=(
        limits.name("name", 512, r"[^:*]+", "no colon, no asterisk"),
        limits.name("pattern", 1024, r"(?s:.*)", "at most 1024 characters", 0),
    ),
)  # fmt: skip

# Dashboard ------------------------------------------------------------------------------------------------------------


def _put_dashboard(call: Call, props: Props) -> str:
    name = str(props["dashboardName"])
    call.aws("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=props["dashboardBody"])
    return name


def _read_dashboard(call: Call, id_: str, props: Props) -> Props | None:
    found = call.aws("cloudwatch").get_dashboard(DashboardName=id_)
    return {"dashboardName": id_, "dashboardBody": found["DashboardBody"], "dashboardArn": found["DashboardArn"]}


def _update_dashboard(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    _put_dashboard(call, news)


DASHBOARD = Row(
    "aws:cloudwatch/dashboard:Dashboard",
    inputs=words("dashboardName dashboardBody"),
    create=_put_dashboard, read=_read_dashboard, update=_update_dashboard,
    delete=lambda call, id_, props: call.aws("cloudwatch").delete_dashboards(DashboardNames=[id_]),
    replaces=words("dashboardName"),
    limits=(limits.name("dashboardName", 255, r"[A-Za-z0-9_-]+", "letters, digits, _ and -"),),
)  # fmt: skip

ROWS = (ALARM, LOG_GROUP, FILTER, DASHBOARD)
