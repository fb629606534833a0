"""Metric alarms follow their metric: stock moto never evaluates one, and starts every alarm as OK.

The sandbox compresses time: every `put_metric_data` call closes a period of the alarms on its metric, where CloudWatch would
wait for the period to pass. Missing data never changes a state (as `ignore`).
"""

import operator
from collections.abc import Callable
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch, expect

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
}
_STATISTIC: dict[str, Callable[[list[float]], float]] = {
    "Minimum": min,
    "Maximum": max,
    "Sum": sum,
    "Average": lambda values: sum(values) / len(values),
    "SampleCount": len,
}


def apply(hooks: Hooks) -> None:
    """Evaluates on each put; a new alarm reads the newest datapoint, or starts as INSUFFICIENT_DATA."""
    del hooks
    put_data, put_alarm = CloudWatchBackend.put_metric_data, CloudWatchBackend.put_metric_alarm

    def put_metric_data(self: Any, namespace: str, metric_data: list[dict[str, Any]]) -> None:
        before = len(self.metric_data)
        put_data(self, namespace, metric_data)
        for alarm in list(self.alarms.values()):
            _evaluate(alarm, self.metric_data[before:])

    def put_metric_alarm(self: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        old = self.alarms.get(name)
        alarm = put_alarm(self, name, *args, **kwargs)
        if old is not None:
            alarm.update_state(old.state_reason, old.state_reason_data, old.state_value)
        else:
            alarm.state_value = "INSUFFICIENT_DATA"
        matching = [datum for datum in self.metric_data if _is_of(alarm, datum)]
        _evaluate(alarm, matching[-1:])
        return alarm

    CloudWatchBackend.put_metric_data = put_metric_data
    CloudWatchBackend.put_metric_alarm = put_metric_alarm


def check(aws: Scratch) -> None:
    """An alarm starts without data, goes off and comes back with its metric, and ignores other dimensions."""
    cloudwatch = aws.client("cloudwatch")

    def state() -> str:
        return str(cloudwatch.describe_alarms(AlarmNames=["check"])["MetricAlarms"][0]["StateValue"])

    def put(value: float, site: str = "one") -> None:
        metric = {"MetricName": "Serving", "Dimensions": _dimensions(site), "Value": value}
        cloudwatch.put_metric_data(Namespace="Check", MetricData=[metric])

    cloudwatch.put_metric_alarm(
        AlarmName="check", Namespace="Check", MetricName="Serving", Dimensions=_dimensions("one"), Statistic="Minimum",
        Period=60, EvaluationPeriods=1, Threshold=1, ComparisonOperator="LessThanThreshold", TreatMissingData="ignore",
    )  # fmt: skip
    expect(state() == "INSUFFICIENT_DATA", "a new alarm has no data")
    put(0, site="two")
    expect(state() == "INSUFFICIENT_DATA", "another dimension's data is not its own")
    put(0)
    expect(state() == "ALARM", "a value over the threshold sets it off")
    put(1)
    expect(state() == "OK", "a good value brings it back")


def _dimensions(site: str) -> list[dict[str, str]]:
    return [{"Name": "Pair", "Value": "check"}, {"Name": "Site", "Value": site}]


def _is_of(alarm: Any, datum: Any) -> bool:
    same = (datum.namespace, datum.name) == (alarm.namespace, alarm.metric_name)
    return same and _as_set(datum.dimensions) == _as_set(alarm.dimensions)


def _as_set(dimensions: list[Any]) -> set[tuple[str, str]]:
    return {(dimension.name, dimension.value) for dimension in dimensions}


def _evaluate(alarm: Any, data: list[Any]) -> None:
    values = [datum.value for datum in data if _is_of(alarm, datum) and hasattr(datum, "value")]
    compare, statistic = _COMPARE.get(alarm.comparison_operator), _STATISTIC.get(alarm.statistic or "")
    if not values or compare is None or statistic is None:
        return
    value = statistic(values)
    state = "ALARM" if compare(value, float(alarm.threshold)) else "OK"
    if state != alarm.state_value:
        alarm.update_state(f"Threshold Crossed: 1 datapoint [{value}] against {alarm.threshold}", "{}", state)
