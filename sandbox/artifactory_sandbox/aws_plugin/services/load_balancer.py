"""LoadBalancer and TargetGroup."""

from collections.abc import Iterable, Mapping, Set
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import Call, Name, Problem, Row, fields, only, words
from artifactory_sandbox.aws_plugin.services._elb import attributes, from_attributes, given_tags, tag, tags_of
from artifactory_sandbox.aws_plugin.wire import UNKNOWN, Props

# LoadBalancer ---------------------------------------------------------------------------------------------------------

_LB = fields("name ipAddressType", loadBalancerType="Type", subnets="Subnets", securityGroups="SecurityGroups")
_FOR_ALL = {
    "enableDeletionProtection": "deletion_protection.enabled",
    "enableCrossZoneLoadBalancing": "load_balancing.cross_zone.enabled",
}
_FOR_ALB = {
    "idleTimeout": "idle_timeout.timeout_seconds",
    "enableHttp2": "routing.http2.enabled",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "preserveHostHeader": "routing.http.preserve_host_header.enabled",
    "xffHeaderProcessingMode": "routing.http.xff_header_processing.mode",
    "enableXffClientPort": "routing.http.xff_client_port.enabled",
    "desyncMitigationMode": "routing.http.desync_mitigation_mode",
    "clientKeepAlive": "client_keep_alive.seconds",
    "enableWafFailOpen": "waf.fail_open.enabled",
    "enableTlsVersionAndCipherSuiteHeaders": "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
}
_LOGS = {"enabled": "access_logs.s3.enabled", "bucket": "access_logs.s3.bucket", "prefix": "access_logs.s3.prefix"}
_ALB_DEFAULTS = {
    "idleTimeout": 60, "enableHttp2": True, "dropInvalidHeaderFields": False, "preserveHostHeader": False,
    "xffHeaderProcessingMode": "append", "enableXffClientPort": False, "desyncMitigationMode": "defensive",
    "clientKeepAlive": 3600, "enableWafFailOpen": False, "enableTlsVersionAndCipherSuiteHeaders": False,
    "enableDeletionProtection": False, "enableCrossZoneLoadBalancing": True,
}  # fmt: skip
"""What AWS sets; the sandbox's AWS lists a few only."""
_ZONE_IDS = {
    "us-east-1": "Z35SXDOTRQ7X7K", "us-east-2": "Z3AADJGX6KTTL2", "us-west-1": "Z368ELLRRE2KJ0",
    "us-west-2": "Z1H1FL5HABSF5", "eu-west-1": "Z32O12XQLNTSW2", "eu-central-1": "Z215JYRZR1TBD5",
}  # fmt: skip


def _is_network(props: Props) -> bool:
    return props.get("loadBalancerType") == "network"


def _create(call: Call, props: Props) -> str:
    props = props if props.get("name") else props | {"name": f"{props['namePrefix']}{call.unique()}"[:32]}
    request = _LB.request(props) | {"Scheme": "internal" if props.get("internal") else "internet-facing"}
    answer = call.aws("elbv2").create_load_balancer(**request, **given_tags(props))
    return str(answer["LoadBalancers"][0]["LoadBalancerArn"])


def _finish(call: Call, id_: str, props: Props) -> None:
    _set_attributes(call, id_, props, props.keys())


def _set_attributes(call: Call, id_: str, props: Props, changed: Set[str]) -> None:
    names = _FOR_ALL if _is_network(props) else _FOR_ALL | _FOR_ALB
    wanted = attributes(props, {name: key for name, key in names.items() if name in changed})
    if "accessLogs" in changed:
        wanted += attributes(props.get("accessLogs") or {"enabled": False}, _LOGS)
    if wanted:
        call.aws("elbv2").modify_load_balancer_attributes(LoadBalancerArn=id_, Attributes=wanted)


def _update(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    client = call.aws("elbv2")
    if "securityGroups" in changed:
        client.set_security_groups(LoadBalancerArn=id_, SecurityGroups=news["securityGroups"])
    if "subnets" in changed:
        client.set_subnets(LoadBalancerArn=id_, Subnets=news["subnets"])
    if "ipAddressType" in changed and news.get("ipAddressType"):
        client.set_ip_address_type(LoadBalancerArn=id_, IpAddressType=news["ipAddressType"])
    _set_attributes(call, id_, news, changed)


def _read(call: Call, id_: str, props: Props) -> Props | None:
    client = call.aws("elbv2")
    balancer = only(lambda: client.describe_load_balancers(LoadBalancerArns=[id_])["LoadBalancers"])
    if balancer is None:
        return None
    listed = client.describe_load_balancer_attributes(LoadBalancerArn=id_)["Attributes"]
    found = fields(
        "ipAddressType vpcId", name="LoadBalancerName", arn="LoadBalancerArn", dnsName="DNSName",
        loadBalancerType="Type", securityGroups="SecurityGroups",
    ).answer(balancer)  # fmt: skip
    defaults = {} if _is_network(found) else _ALB_DEFAULTS
    logs = from_attributes(listed, _LOGS)
    return defaults | from_attributes(listed, _FOR_ALL | _FOR_ALB) | found | {
        "arnSuffix": id_.partition("loadbalancer/")[2],
        "internal": balancer["Scheme"] == "internal",
        "subnets": [zone["SubnetId"] for zone in balancer["AvailabilityZones"]],
        "zoneId": _ZONE_IDS.get(call.region, balancer.get("CanonicalHostedZoneId")),
        "accessLogs": logs if logs.get("enabled") else None,
        "tags": tags_of(call, id_),
    }  # fmt: skip


def _subnets(props: Props) -> Iterable[Problem]:
    if not _is_network(props):
        yield from limits.at_least("subnets", 2, {}, "an application load balancer needs at least two")(props)


def _load_balancer_logs(props: Props) -> Iterable[Problem]:
    logs = props.get("accessLogs")
    if isinstance(logs, Mapping) and logs.get("enabled") and not logs.get("bucket"):
        yield "accessLogs.bucket", "is needed when access logs are enabled"


LOAD_BALANCER = Row(
    "aws:lb/loadBalancer:LoadBalancer",
    inputs=_LB.names | _FOR_ALL.keys() | _FOR_ALB.keys() | words("namePrefix internal accessLogs tags"),
    create=_create, finish=_finish, read=_read, update=_update, tag=tag,
    delete=lambda call, id_, props: call.aws("elbv2").delete_load_balancer(LoadBalancerArn=id_),
    replaces=words("name namePrefix internal loadBalancerType"),
    undeclared=_ALB_DEFAULTS,
    name=Name(longest=32),
    limits=(
        limits.load_balancer_name(), _subnets, _load_balancer_logs, limits.between("idleTimeout", 1, 4000),
        limits.one_of("loadBalancerType", "application", "network"),
    ),
)  # fmt: skip

# TargetGroup ----------------------------------------------------------------------------------------------------------

_TG = fields("name port protocol protocolVersion vpcId targetType ipAddressType")
_CHECK = {
    "enabled": "HealthCheckEnabled", "path": "HealthCheckPath", "port": "HealthCheckPort",
    "protocol": "HealthCheckProtocol", "interval": "HealthCheckIntervalSeconds", "timeout": "HealthCheckTimeoutSeconds",
    "healthyThreshold": "HealthyThresholdCount", "unhealthyThreshold": "UnhealthyThresholdCount",
}  # fmt: skip
_TG_ATTRIBUTES = {
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
    "slowStart": "slow_start.duration_seconds",
    "loadBalancingAlgorithmType": "load_balancing.algorithm.type",
    "loadBalancingCrossZoneEnabled": "load_balancing.cross_zone.enabled",
    "preserveClientIp": "preserve_client_ip.enabled",
    "proxyProtocolV2": "proxy_protocol_v2.enabled",
    "connectionTermination": "deregistration_delay.connection_termination.enabled",
}
_STICKINESS = {"type": "stickiness.type", "enabled": "stickiness.enabled"}
_COOKIES = {
    "lb_cookie": {"cookieDuration": "stickiness.lb_cookie.duration_seconds"},
    "app_cookie": {
        "cookieDuration": "stickiness.app_cookie.duration_seconds",
        "cookieName": "stickiness.app_cookie.cookie_name",
    },
}


def _health_check(props: Props) -> dict[str, Any]:
    check = dict(props.get("healthCheck") or {})
    request = {boto: check[key] for key, boto in _CHECK.items() if check.get(key) is not None}
    if check.get("matcher"):
        request["Matcher"] = {"HttpCode": check["matcher"]}
    return request


def _create_group(call: Call, props: Props) -> str:
    props = props if props.get("name") else props | {"name": f"{props['namePrefix']}{call.unique()}"[:32]}
    answer = call.aws("elbv2").create_target_group(**_TG.request(props), **_health_check(props), **given_tags(props))
    return str(answer["TargetGroups"][0]["TargetGroupArn"])


def _finish_group(call: Call, id_: str, props: Props) -> None:
    _set_group_attributes(call, id_, props, props.keys())


def _set_group_attributes(call: Call, id_: str, props: Props, changed: Set[str]) -> None:
    wanted = attributes(props, {name: key for name, key in _TG_ATTRIBUTES.items() if name in changed})
    if "stickiness" in changed:
        stickiness = {"enabled": True} | (props.get("stickiness") or {"enabled": False})
        wanted += attributes(stickiness, _STICKINESS | _COOKIES.get(stickiness.get("type", ""), {}))
    if wanted:
        call.aws("elbv2").modify_target_group_attributes(TargetGroupArn=id_, Attributes=wanted)


def _update_group(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    if "healthCheck" in changed and (check := _health_check(news)):
        call.aws("elbv2").modify_target_group(TargetGroupArn=id_, **check)
    _set_group_attributes(call, id_, news, changed)


def _read_group(call: Call, id_: str, props: Props) -> Props | None:
    client = call.aws("elbv2")
    group = only(lambda: client.describe_target_groups(TargetGroupArns=[id_])["TargetGroups"])
    if group is None:
        return None
    listed = client.describe_target_group_attributes(TargetGroupArn=id_)["Attributes"]
    check = {key: group.get(boto) for key, boto in _CHECK.items()}
    check["matcher"] = (group.get("Matcher") or {}).get("HttpCode")
    stickiness = from_attributes(listed, _STICKINESS)
    stickiness |= from_attributes(listed, _COOKIES.get(stickiness.get("type", ""), {}))
    named = fields("port protocol protocolVersion vpcId targetType ipAddressType", name="TargetGroupName")
    return from_attributes(listed, _TG_ATTRIBUTES) | named.answer(group) | {
        "arn": id_,
        "arnSuffix": "targetgroup/" + id_.partition("targetgroup/")[2],
        "healthCheck": {key: value for key, value in check.items() if value is not None},
        "stickiness": stickiness or None,
        "tags": tags_of(call, id_),
    }  # fmt: skip


def _health_check_limits(props: Props) -> Iterable[Problem]:
    check = props.get("healthCheck")
    if not isinstance(check, Mapping) or UNKNOWN in check.values():
        return
    for key, least, most in (
        ("interval", 5, 300), ("timeout", 2, 120), ("healthyThreshold", 2, 10), ("unhealthyThreshold", 2, 10),
    ):  # fmt: skip
        for _, reason in limits.between(key, least, most)(dict(check)):
            yield f"healthCheck.{key}", reason
    if check.get("timeout", 5) >= check.get("interval", 30):
        yield "healthCheck.timeout", "must be less than the interval"


TARGET_GROUP = Row(
    "aws:lb/targetGroup:TargetGroup",
    inputs=_TG.names | _TG_ATTRIBUTES.keys() | words("namePrefix healthCheck stickiness tags"),
    create=_create_group, finish=_finish_group, read=_read_group, update=_update_group, tag=tag,
    delete=lambda call, id_, props: call.aws("elbv2").delete_target_group(TargetGroupArn=id_),
    replaces=words("name namePrefix port protocol protocolVersion vpcId targetType ipAddressType"),
    undeclared={
        "deregistrationDelay": 300, "slowStart": 0, "loadBalancingAlgorithmType": "round_robin",
        "proxyProtocolV2": False, "connectionTermination": False,
    },
    name=Name(longest=32),
    limits=(
        limits.load_balancer_name(), _health_check_limits, limits.between("port", 1, 65535),
        limits.between("deregistrationDelay", 0, 3600),
        limits.one_of("targetType", "instance", "ip", "lambda", "alb"),
    ),
)  # fmt: skip

ROWS = (LOAD_BALANCER, TARGET_GROUP)
