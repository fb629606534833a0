"""The load balancer in front of a site's nodes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import pulumi
from pulumi_aws import ec2, lb, vpc

from artifactory_estate.base import Refusal, refuse_if_any
from artifactory_estate.load_balancer import model
from artifactory_estate.load_balancer.render import WEB_SERVER_PORT

ROUTER_PORT = 8082
DIRECT_PORT = 8081
_ROUTER_HEALTH = "/router/api/v1/system/health"
_DIRECT_HEALTH = "/artifactory/api/v1/system/readiness"
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
_TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"


@dataclass(frozen=True)
class Target:
    """One port of the nodes."""

    key: str
    port: int
    health: str
    """Path that answers 200 on a node that may get requests (files reference 5.4)."""


_ROUTER = Target("router", ROUTER_PORT, _ROUTER_HEALTH)
_DIRECT = Target("direct", DIRECT_PORT, _DIRECT_HEALTH)
_WEB_SERVER = Target("web", WEB_SERVER_PORT, _ROUTER_HEALTH)


def targets_of(declared: model.LoadBalancer) -> Sequence[Target]:
    """What the load balancer is aimed at; the first is the default.

    An ALB sends `/artifactory/` straight to Artifactory and the rest to the router; a network load balancer cannot tell
    them apart, and leaves that to nginx or Apache on the node, or to the router.
    """
    if declared.kind == "alb":
        return (_ROUTER, _DIRECT)
    return (_ROUTER,) if declared.kind == "nlb" else (_WEB_SERVER,)


class LoadBalancer(pulumi.ComponentResource):
    """An application or network load balancer, its listener and a target group for each port of the nodes.

    Pulumi type `artifactory-estate:index:LoadBalancer`. Makes `{name}-security`, `-clients-…`, `-to-nodes`, `-balancer`,
    `-router`, `-direct` or `-web`, `-listener` and, for an ALB, `-artifactory`. It ends TLS when the URL is https.
    """

    dns_name: pulumi.Output[str]
    """What an alias record names."""
    zone_id: pulumi.Output[str]
    """The hosted zone of `dns_name`."""
    target_group_arns: Sequence[pulumi.Output[str]]
    """For the Auto Scaling group."""
    security_group_id: pulumi.Output[str]
    """What the nodes let in."""
    ports: Sequence[int]
    """Ports of the nodes that it is aimed at."""

    def __init__(
        self,
        name: str,
        declared: model.LoadBalancer,
        *,
        url: str,
        short_name: Callable[[str], str],
        vpc_id: pulumi.Input[str],
        subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
        tags: Mapping[str, str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`short_name(suffix)` gives a name of at most 32 characters that ends with `suffix`; `subnet_ids` are public
        ones unless it is internal."""
        secure = urlsplit(url).scheme == "https"
        refuse_if_any(_refusals(declared, secure))
        super().__init__("artifactory-estate:index:LoadBalancer", name, {}, opts)
        self._name, self._short, self._tags = name, short_name, dict(tags or {})
        self._child = pulumi.ResourceOptions(parent=self)
        targets = targets_of(declared)
        self.ports = tuple(target.port for target in targets)
        security = self._security_group(declared, vpc_id, 443 if secure else 80)
        balancer = self._balancer(declared, security, subnet_ids)
        groups = [self._target_group(declared, target, vpc_id) for target in targets]
        listener = self._listener(declared, balancer, groups[0], secure)
        if declared.kind == "alb":
            self._artifactory_rule(listener, groups[1])
        self.dns_name, self.zone_id = balancer.dns_name, balancer.zone_id
        self.target_group_arns = tuple(group.arn for group in groups)
        self.security_group_id = security.id
        self.register_outputs({"dns_name": self.dns_name, "zone_id": self.zone_id})

    def _security_group(self, declared: model.LoadBalancer, vpc_id: pulumi.Input[str], port: int) -> ec2.SecurityGroup:
        security = ec2.SecurityGroup(
            f"{self._name}-security",
            name=self._short("balancer"),
            description="Clients of Artifactory",
            vpc_id=vpc_id,
            tags=self._tags,
            opts=self._child,
        )
        for number, source in enumerate(_PRIVATE if declared.internal else ("0.0.0.0/0",)):
            vpc.SecurityGroupIngressRule(
                f"{self._name}-clients-{number}",
                security_group_id=security.id,
                cidr_ipv4=source,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                tags=self._tags,
                opts=self._child,
            )
        vpc.SecurityGroupEgressRule(
            f"{self._name}-to-nodes",
            security_group_id=security.id,
            cidr_ipv4="0.0.0.0/0",
            ip_protocol="-1",
            tags=self._tags,
            opts=self._child,
        )
        return security

    def _balancer(
        self,
        declared: model.LoadBalancer,
        security: ec2.SecurityGroup,
        subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
    ) -> lb.LoadBalancer:
        application = declared.kind == "alb"
        return lb.LoadBalancer(
            f"{self._name}-balancer",
            name=self._short("alb" if application else "nlb"),
            load_balancer_type="application" if application else "network",
            internal=declared.internal,
            security_groups=[security.id],
            subnets=subnet_ids,
            idle_timeout=declared.idle_timeout if application else None,
            enable_cross_zone_load_balancing=True,
            tags=self._tags,
            opts=self._child,
        )

    def _target_group(self, declared: model.LoadBalancer, target: Target, vpc_id: pulumi.Input[str]) -> lb.TargetGroup:
        application = declared.kind == "alb"
        return lb.TargetGroup(
            f"{self._name}-{target.key}",
            # The protocol is in the name, since it cannot be changed in place and a name cannot exist twice.
            name=self._short(f"{target.key}-{'http' if application else 'tcp'}"),
            port=target.port,
            protocol="HTTP" if application else "TCP",
            vpc_id=vpc_id,
            deregistration_delay=120,
            health_check={
                "protocol": "HTTP",
                "port": "traffic-port",
                "path": target.health,
                "matcher": "200",
                "interval": 15,
                "timeout": 10,
                "healthy_threshold": 2,
                "unhealthy_threshold": 3,
            },
            tags=self._tags,
            opts=self._child,
        )

    def _listener(
        self, declared: model.LoadBalancer, balancer: lb.LoadBalancer, group: lb.TargetGroup, secure: bool
    ) -> lb.Listener:
        application = declared.kind == "alb"
        plain, encrypted = ("HTTP", "HTTPS") if application else ("TCP", "TLS")
        return lb.Listener(
            f"{self._name}-listener",
            load_balancer_arn=balancer.arn,
            port=443 if secure else 80,
            protocol=encrypted if secure else plain,
            certificate_arn=declared.certificate if secure else None,
            ssl_policy=_TLS_POLICY if secure else None,
            default_actions=[{"type": "forward", "target_group_arn": group.arn}],
            tags=self._tags,
            opts=self._child,
        )

    def _artifactory_rule(self, listener: lb.Listener, group: lb.TargetGroup) -> None:
        lb.ListenerRule(
            f"{self._name}-artifactory",
            listener_arn=listener.arn,
            priority=100,
            conditions=[{"path_pattern": {"values": ["/artifactory/*"]}}],
            actions=[{"type": "forward", "target_group_arn": group.arn}],
            tags=self._tags,
            opts=self._child,
        )


def _refusals(declared: model.LoadBalancer, secure: bool) -> list[Refusal]:
    if not secure or declared.certificate:
        return []
    return [
        Refusal(
            ("load_balancer", "certificate"),
            "is not given",
            "the site's URL is https, and the load balancer ends TLS",
            "Name the ARN of an ACM certificate of the site's region.",
        )
    ]
