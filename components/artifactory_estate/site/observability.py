"""What a site on AWS is watched by: a log group, alarms, somebody who is told, a dashboard."""

import json
from collections.abc import Mapping, Sequence

import pulumi
from pulumi_aws import cloudwatch, sns

from artifactory_estate.site.alarms import Alarm, Watched, alarms_of, dashboard
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.names import SiteNames
from artifactory_estate.site.observability_files import namespace
from artifactory_estate.site.observability_rules import days

SERVER_ERRORS = r"%\|[A-Z]+\|[^\|]*\|5[0-9][0-9]\|%"
"""Lines time|trace|address|user|method|path|status|… of a request log. CloudWatch's expressions have no parentheses."""


class SiteLogs(pulumi.ComponentResource):
    """The log group that the nodes' agents write to.

    Pulumi type `artifactory-estate:index:SiteLogs`. Makes `{name}-nodes`.
    """

    group: pulumi.Output[str]
    """Its name."""

    def __init__(
        self,
        name: str,
        names: SiteNames,
        *,
        keep: int,
        kms_key_arn: pulumi.Input[str],
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`keep`: seconds."""
        super().__init__("artifactory-estate:index:SiteLogs", name, {}, opts)
        group = cloudwatch.LogGroup(
            f"{name}-nodes",
            name=names.log_group("nodes"),
            retention_in_days=days(keep),
            kms_key_id=kms_key_arn,
            tags=dict(tags),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.group = group.name
        self.register_outputs({"group": self.group})


class SiteAlarms(pulumi.ComponentResource):
    """Alarms on the cluster, its load balancer, its database, its storage and what ends some day; a dashboard of the same.

    Pulumi type `artifactory-estate:index:SiteAlarms`. Makes `{name}-KEY` for each alarm, `-dashboard` unless declined, with
    `emails` `-topic` and `-email-N`, and without an ALB `-error-count`, which counts answers 5xx in the nodes' request logs.
    A node more changes `-nodes` alone.
    """

    def __init__(
        self,
        name: str,
        names: SiteNames,
        site: ManagedSite,
        watched: Watched,
        *,
        log_group: pulumi.Input[str],
        kms_key_arn: pulumi.Input[str],
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("artifactory-estate:index:SiteAlarms", name, {}, opts)
        self._name, self._names, self._site, self._tags = name, names, site, dict(tags)
        self._child = pulumi.ResourceOptions(parent=self)
        actions = self._told(kms_key_arn)
        if site.load_balancer.kind != "alb":
            self._count_errors(log_group)
        for alarm in alarms_of(names, site, watched):
            self._alarm(alarm, actions)
        if site.observability.dashboard:
            body = pulumi.Output.json_dumps(dashboard(names, site, watched))
            cloudwatch.Dashboard(
                f"{name}-dashboard", dashboard_name=names.prefix, dashboard_body=body, opts=self._child
            )
        self.register_outputs({})

    def _told(self, kms_key_arn: pulumi.Input[str]) -> list[pulumi.Input[str]]:
        alarms = self._site.observability.alarms
        if alarms.notify:
            return [alarms.notify]
        if not alarms.emails:
            return []
        topic = sns.Topic(
            f"{self._name}-topic",
            name=f"{self._names.prefix}-alarms",
            kms_master_key_id=kms_key_arn,
            policy=_topic_policy(self._names),
            tags=self._tags,
            opts=self._child,
        )
        for number, email in enumerate(alarms.emails):
            sns.TopicSubscription(
                f"{self._name}-email-{number}", topic=topic.arn, protocol="email", endpoint=email, opts=self._child
            )
        return [topic.arn]

    def _count_errors(self, log_group: pulumi.Input[str]) -> None:
        cloudwatch.LogMetricFilter(
            f"{self._name}-error-count",
            name="server-errors",
            log_group_name=log_group,
            pattern=SERVER_ERRORS,
            metric_transformation={"namespace": namespace(self._names), "name": "ServerErrors", "value": "1"},
            opts=self._child,
        )

    def _alarm(self, alarm: Alarm, actions: Sequence[pulumi.Input[str]]) -> None:
        percentile = alarm.metric.statistic.startswith("p")
        cloudwatch.MetricAlarm(
            f"{self._name}-{alarm.key}",
            name=f"{self._names.prefix}-{alarm.key}",
            alarm_description=f"{self._names.estate}/{self._names.site}: {alarm.title}",
            namespace=alarm.metric.namespace,
            metric_name=alarm.metric.name,
            dimensions=dict(alarm.metric.dimensions),
            statistic=None if percentile else alarm.metric.statistic,
            extended_statistic=alarm.metric.statistic if percentile else None,
            evaluate_low_sample_count_percentiles="ignore" if percentile else None,
            comparison_operator=alarm.comparison,
            threshold=alarm.threshold,
            period=alarm.period,
            evaluation_periods=alarm.periods,
            treat_missing_data=alarm.missing,
            alarm_actions=actions,
            ok_actions=actions,
            tags=self._tags,
            opts=self._child,
        )


def _topic_policy(names: SiteNames) -> str:
    """CloudWatch of the account publishes; nobody without TLS."""
    topic = names.arn("sns", f"{names.prefix}-alarms")
    statements = [
        {
            "Sid": "Alarms",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": {"StringEquals": {"aws:SourceAccount": names.account}},
        },
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
