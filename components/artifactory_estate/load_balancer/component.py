"""The load balancer in front of a site's nodes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import pulumi
from pulumi_aws import ec2, lb, vpc

from artifactory_estate.base import Refusal, refuse_if_any
from artifactory_estate.load_balancer import model
from artifactory_estate.load_balancer.render import redirects
from artifactory_estate.load_balancer.targets import ROUTER_PORT, Target, targets_of

_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
_TLS_POLICIES = {"1.2": "ELBSecurityPolicy-TLS13-1-2-2021-06", "1.3": "ELBSecurityPolicy-TLS13-1-3-2021-06"}


class LoadBalancer(pulumi.ComponentResource):
    """An application or network load balancer, its listeners, and a target group for each port of the machines behind.

    Pulumi type `artifactory-estate:index:LoadBalancer`. Makes `{name}-security`, `-clients-…`, `-to-PORT`, `-balancer`,
    a target group `-KEY` for each of `targets_of`, `-listener` for the first and `-KEY-listener` for the others; for an
    ALB `-artifactory`, `-federation` and `-redirect-listener`. It ends TLS when the URL is https and nothing behind does.
    """

    dns_name: pulumi.Output[str]
    """What an alias record names."""
    zone_id: pulumi.Output[str]
    """The hosted zone of `dns_name`."""
    target_group_arns: Sequence[pulumi.Output[str]]
    """For the nodes' Auto Scaling group."""
    front_target_group_arns: Sequence[pulumi.Output[str]]
    """For the fronts' Auto Scaling group; empty without fronts."""
    security_group_id: pulumi.Output[str]
    """What the machines behind let in."""
    ports: Sequence[int]
    """Ports of the nodes that it is aimed at."""
    front_ports: Sequence[int]
    """Ports of the fronts that it is aimed at."""
    arn_suffix: pulumi.Output[str]
    """For alarms: `app/NAME/ID` or `net/NAME/ID`."""
    target_group_suffixes: Mapping[str, pulumi.Output[str]]
    """For alarms: `targetgroup/NAME/ID` by key of the target; `redirect` is left out."""

    def __init__(
        self,
        name: str,
        declared: model.LoadBalancer,
        *,
        url: str,
        short_name: Callable[[str], str],
        vpc_id: pulumi.Input[str],
        subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
        protected: bool = True,
        certificate_arn: pulumi.Input[str] | None = None,
        tags: Mapping[str, str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`short_name(suffix)` gives a name of at most 32 characters that ends with `suffix`; `subnet_ids` are public
        ones unless it is internal; `protected`: deletion protection where the declaration is silent;
        `certificate_arn`: of ACM, where the declaration names none."""
        refuse_if_any([] if certificate_arn else _refusals(declared, url))
        self._certificate = declared.certificate or certificate_arn
        super().__init__("artifactory-estate:index:LoadBalancer", name, {}, opts)
        self._name, self._short, self._tags = name, short_name, dict(tags or {})
        self._declared, self._url, self._application = declared, url, declared.kind == "alb"
        self._child = pulumi.ResourceOptions(parent=self)
        targets = targets_of(declared, url)
        security = self._security_group(vpc_id, targets)
        balancer = self._balancer(security, subnet_ids, protected)
        groups = {target.key: self._target_group(target, vpc_id) for target in targets}
        self._listeners(balancer, targets, groups)
        self.dns_name, self.zone_id = balancer.dns_name, balancer.zone_id
        self.target_group_arns = tuple(groups[one.key].arn for one in targets if one.of_nodes)
        self.front_target_group_arns = tuple(groups[one.key].arn for one in targets if not one.of_nodes)
        self.security_group_id = security.id
        self.ports = tuple(one.port for one in targets if one.of_nodes)
        self.front_ports = tuple(one.port for one in targets if not one.of_nodes)
        self.arn_suffix = balancer.arn_suffix
        self.target_group_suffixes = {key: group.arn_suffix for key, group in groups.items() if key != "redirect"}
        self.register_outputs({"dns_name": self.dns_name, "zone_id": self.zone_id})

    def _security_group(self, vpc_id: pulumi.Input[str], targets: Sequence[Target]) -> ec2.SecurityGroup:
        security = ec2.SecurityGroup(
            f"{self._name}-security",
            name=self._short("balancer"),
            description="Clients of Artifactory",
            vpc_id=vpc_id,
            tags=self._tags,
            opts=self._child,
        )
        for port in self._open_ports(targets):
            for number, source in enumerate(self._sources()):
                place = str(number) if port == self._main_port else f"{port}-{number}"
                kind = "prefix_list_id" if source.startswith("pl-") else "cidr_ipv4"
                vpc.SecurityGroupIngressRule(
                    f"{self._name}-clients-{place}",
                    security_group_id=security.id,
                    description="Clients",
                    ip_protocol="tcp",
                    from_port=port,
                    to_port=port,
                    tags=self._tags,
                    opts=self._child,
                    **{kind: source},
                )
        for port in sorted({one.port for one in targets}):
            vpc.SecurityGroupEgressRule(
                f"{self._name}-to-{port}",
                security_group_id=security.id,
                cidr_ipv4="0.0.0.0/0",
                description="Load balancer to the machines behind",
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                tags=self._tags,
                opts=self._child,
            )
        return security

    @property
    def _main_port(self) -> int:
        return 443 if urlsplit(self._url).scheme == "https" else 80

    def _sources(self) -> Sequence[str]:
        return self._declared.allow or (_PRIVATE if self._declared.internal else ("0.0.0.0/0",))

    def _open_ports(self, targets: Sequence[Target]) -> Sequence[int]:
        """What clients may reach: not the listener that is there for the nodes' health only."""
        listening = [one.listener for one in targets if one.listener and one.listener != ROUTER_PORT]
        return [*listening, *([80] if self._application and redirects(self._url, self._declared) else [])]

    def _balancer(
        self,
        security: ec2.SecurityGroup,
        subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
        protected: bool,
    ) -> lb.LoadBalancer:
        declared, logs = self._declared, self._declared.access_logs
        http = {"idle_timeout": declared.idle_timeout, "drop_invalid_header_fields": True} if self._application else {}
        return lb.LoadBalancer(
            f"{self._name}-balancer",
            name=self._short("alb" if self._application else "nlb"),
            load_balancer_type="application" if self._application else "network",
            internal=declared.internal,
            security_groups=[security.id],
            subnets=subnet_ids,
            enable_cross_zone_load_balancing=True,
            enable_deletion_protection=protected
            if declared.deletion_protection is None
            else declared.deletion_protection,
            access_logs={"enabled": True, **logs.to_data()} if logs else None,
            tags=self._tags,
            opts=self._child,
            **http,
        )

    def _target_group(self, target: Target, vpc_id: pulumi.Input[str]) -> lb.TargetGroup:
        declared, check = self._declared, self._declared.health_check
        return lb.TargetGroup(
            f"{self._name}-{target.key}",
            # The protocol is in the name, since it cannot be changed in place and a name cannot exist twice.
            name=self._short(f"{target.key}-{'http' if self._application else 'tcp'}"),
            port=target.port,
            protocol="HTTP" if self._application else "TCP",
            vpc_id=vpc_id,
            deregistration_delay=declared.deregistration_delay,
            slow_start=declared.slow_start if self._application else None,
            health_check={
                "protocol": target.health_protocol,
                "port": "traffic-port",
                "path": target.health,
                "matcher": target.matcher,
                "interval": check.interval,
                "timeout": check.timeout,
                "healthy_threshold": check.healthy,
                "unhealthy_threshold": check.unhealthy,
            },
            tags=self._tags,
            opts=self._child,
        )

    def _listeners(
        self, balancer: lb.LoadBalancer, targets: Sequence[Target], groups: Mapping[str, lb.TargetGroup]
    ) -> None:
        for target in targets:
            if target.listener is None:
                continue
            first = target is targets[0]
            made = self._listener(
                "listener" if first else f"{target.key}-listener",
                balancer,
                target.listener,
                target.secure,
                {"type": "forward", "target_group_arn": groups[target.key].arn},
            )
            if self._application:
                self._rule("artifactory", made, 100, "/artifactory/*", groups["direct"])
                # Before 7.111.12 and 7.117.5 Artifactory itself does not know these paths (files reference 5.1).
                self._rule("federation", made, 90, "/artifactory/service/rtfs/*", groups["router"])
        if self._application and redirects(self._url, self._declared):
            redirect = {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"}
            self._listener("redirect-listener", balancer, 80, False, {"type": "redirect", "redirect": redirect})

    def _listener(
        self, key: str, balancer: lb.LoadBalancer, port: int, secure: bool, action: Mapping[str, Any]
    ) -> lb.Listener:
        plain, encrypted = ("HTTP", "HTTPS") if self._application else ("TCP", "TLS")
        hsts = self._declared.hsts if secure and self._application else 0
        return lb.Listener(
            f"{self._name}-{key}",
            load_balancer_arn=balancer.arn,
            port=port,
            protocol=encrypted if secure else plain,
            certificate_arn=self._certificate if secure else None,
            ssl_policy=_TLS_POLICIES[self._declared.tls] if secure else None,
            routing_http_response_strict_transport_security_header_value=f"max-age={hsts}" if hsts else None,
            default_actions=[action],
            tags=self._tags,
            opts=self._child,
        )

    def _rule(self, key: str, listener: lb.Listener, priority: int, pattern: str, group: lb.TargetGroup) -> None:
        lb.ListenerRule(
            f"{self._name}-{key}",
            listener_arn=listener.arn,
            priority=priority,
            conditions=[{"path_pattern": {"values": [pattern]}}],
            actions=[{"type": "forward", "target_group_arn": group.arn}],
            tags=self._tags,
            opts=self._child,
        )


def _refusals(declared: model.LoadBalancer, url: str) -> list[Refusal]:
    if urlsplit(url).scheme == "http" or declared.certificate or (declared.own_certificate and declared.proxies):
        return []
    return [
        Refusal(
            ("load_balancer", "certificate"),
            "is not given",
            "the site's URL is https, and the load balancer ends TLS",
            "Name the ARN of an ACM certificate of the site's region.",
        )
    ]
