"""A disaster-recovery pair in a Pulumi program: the switch that stands ready, and the pair itself."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from artifactory_estate.base import Owner
from artifactory_estate.cloud import traffic
from artifactory_estate.cloud.lifecycle import HostedZone, HostedZoneDeclaration
from artifactory_estate.disaster_recovery.declare import End, declaration, resource_of
from artifactory_estate.disaster_recovery.lifecycle import DisasterRecoveryLifecycle
from artifactory_estate.disaster_recovery.model import DisasterRecovery, Service
from artifactory_estate.engine import ManagedResource, platform_provider
from artifactory_estate.engine.resource import identity


class DisasterRecoveryPair(pulumi.ComponentResource):
    """A master, a target that is kept ready, and the name that clients use.

    Pulumi type `artifactory-estate:index:DisasterRecoveryPair`. Makes `{name}-pair` through a provider of its own,
    `{name}-platforms`; with `service.switch: route53` also `{name}-zone` (a look-up) and, for each site, an alarm
    `{name}-<site>-not-serving` in the OTHER site's region, a health check `{name}-<site>` that reads it, and a failover
    record `{name}-<site>` (master primary, target secondary). A failover changes none of these (design 4).
    """

    observed: pulumi.Output[dict[str, Any]]
    """What the pair's resource reported: phase, since when, what is pending."""

    def __init__(
        self,
        name: str,
        estate: str,
        declared: DisasterRecovery,
        master: End,
        target: End,
        tags: Mapping[str, str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`name` is the pair's; `estate`: its name, for marks, alarm names and the metric."""
        super().__init__("artifactory-estate:index:DisasterRecoveryPair", name, {}, opts)
        self._name, self._estate, self._tags = name, estate, {**(tags or {}), "artifactory-estate": estate}
        ready: Sequence[pulumi.Resource] = ()
        provider = platform_provider(f"{name}-platforms", pulumi.ResourceOptions(parent=self))
        if declared.service and declared.service.switch == "route53":
            ready = self._failover_records(declared.service, master, target, provider)
        pair = ManagedResource(
            resource_of(name),
            DisasterRecoveryLifecycle,
            declaration(name, Owner(estate=estate, resource=identity(resource_of(name))), declared, master, target),
            pulumi.ResourceOptions(parent=self, provider=provider, depends_on=list(ready)),
        )
        self.observed = pair.observed
        self.register_outputs({"observed": self.observed})

    def _failover_records(
        self, service: Service, master: End, target: End, provider: pulumi.ProviderResource
    ) -> Sequence[pulumi.Resource]:
        zone = ManagedResource(
            f"{self._name}-zone",
            HostedZone,
            HostedZoneDeclaration(
                name=service.zone or ".".join(service.name.split(".")[-2:]),
                region=target.journal.region,
                role=master.journal.role,
            ),
            pulumi.ResourceOptions(parent=self, provider=provider),
        )
        zone_id = zone.observed.apply(lambda observed: str(observed["zone_id"]))
        return [
            self._record(service, zone_id, master, target, "PRIMARY", master.provider),
            self._record(service, zone_id, target, master, "SECONDARY", master.provider),
        ]

    def _record(
        self,
        service: Service,
        zone_id: pulumi.Output[str],
        end: End,
        other: End,
        role: str,
        dns: pulumi.ProviderResource | None,
    ) -> pulumi.Resource:
        alarm = aws.cloudwatch.MetricAlarm(
            f"{self._name}-{end.site}-not-serving",
            name=traffic.alarm_name(self._estate, self._name, end.site),
            alarm_description=f"{end.site} does not serve {service.name}",
            namespace=traffic.NAMESPACE,
            metric_name=traffic.METRIC,
            dimensions={"Estate": self._estate, "Pair": self._name, "Site": end.site},
            statistic="Minimum",
            comparison_operator="LessThanThreshold",
            threshold=1,
            period=60,
            evaluation_periods=1,
            treat_missing_data="ignore",
            region=other.journal.region,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, provider=other.provider),
        )
        check = aws.route53.HealthCheck(
            f"{self._name}-{end.site}",
            type="CLOUDWATCH_METRIC",
            cloudwatch_alarm_name=alarm.name,
            cloudwatch_alarm_region=other.journal.region,
            insufficient_data_health_status="LastKnownStatus",
            tags={**self._tags, "Name": f"{self._estate}-{self._name}-{end.site}"},
            opts=pulumi.ResourceOptions(parent=self, provider=dns),
        )
        record: pulumi.Resource = aws.route53.Record(
            f"{self._name}-{end.site}",
            zone_id=zone_id,
            name=service.name,
            type="A",
            set_identifier=f"{self._name}-{end.site}",
            failover_routing_policies=[{"type": role}],
            health_check_id=check.id,
            aliases=[{"name": end.host, "zone_id": zone_id, "evaluate_target_health": False}],
            opts=pulumi.ResourceOptions(parent=self, provider=dns),
        )
        return record
