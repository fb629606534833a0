"""Zone, Record and HealthCheck of Route 53."""

import secrets
from collections.abc import Iterable, Mapping, Set
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import Call, Problem, Row, fields, tag_list, tag_map, words
from artifactory_sandbox.aws_plugin.wire import Props


def _tags_of(call: Call, kind: str, id_: str) -> dict[str, str]:
    answer = call.aws("route53").list_tags_for_resource(ResourceType=kind, ResourceId=id_)
    return tag_map(answer["ResourceTagSet"].get("Tags"))


def _tagger(kind: str) -> Any:
    def tag(call: Call, id_: str, props: Props, tags: Mapping[str, str], gone: list[str]) -> None:
        request: dict[str, Any] = {"AddTags": tag_list(tags)} if tags else {}
        if gone:
            request["RemoveTagKeys"] = gone
        if request:
            call.aws("route53").change_tags_for_resource(ResourceType=kind, ResourceId=id_, **request)

    return tag


def _tag_at_creation(kind: str) -> Any:
    tag = _tagger(kind)
    return lambda call, id_, props: tag(call, id_, props, props["tagsAll"], [])


# Zone -----------------------------------------------------------------------------------------------------------------


def _create_zone(call: Call, props: Props) -> str:
    request: dict[str, Any] = {"Name": props["name"], "CallerReference": secrets.token_hex(16)}
    vpcs = props.get("vpcs") or []
    request["HostedZoneConfig"] = {"Comment": props.get("comment") or "", "PrivateZone": bool(vpcs)}
    if vpcs:
        request["VPC"] = _vpc(call, vpcs[0])
    answer = call.aws("route53").create_hosted_zone(**request)
    return str(answer["HostedZone"]["Id"]).rpartition("/")[2]


def _vpc(call: Call, vpc: Props) -> dict[str, str]:
    return {"VPCId": vpc["vpcId"], "VPCRegion": vpc.get("vpcRegion") or call.region}


def _finish_zone(call: Call, id_: str, props: Props) -> None:
    for vpc in (props.get("vpcs") or [])[1:]:
        call.aws("route53").associate_vpc_with_hosted_zone(HostedZoneId=id_, VPC=_vpc(call, vpc))
    _tag_at_creation("hostedzone")(call, id_, props)


def _update_zone(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    if "comment" in changed:
        call.aws("route53").update_hosted_zone_comment(Id=id_, Comment=news.get("comment") or "")


def _read_zone(call: Call, id_: str, props: Props) -> Props | None:
    answer = call.aws("route53").get_hosted_zone(Id=id_)
    zone, servers = answer["HostedZone"], (answer.get("DelegationSet") or {}).get("NameServers") or []
    return {
        "arn": call.arn("route53", f"hostedzone/{id_}", region=False, account=False),
        "name": zone["Name"].rstrip("."),
        "zoneId": id_,
        "comment": (zone.get("Config") or {}).get("Comment"),
        "nameServers": sorted(servers),
        "primaryNameServer": servers[0] if servers else "",
        "vpcs": [{"vpcId": vpc["VPCId"], "vpcRegion": vpc["VPCRegion"]} for vpc in answer.get("VPCs") or []] or None,
        "tags": _tags_of(call, "hostedzone", id_),
    }


def _delete_zone(call: Call, id_: str, props: Props) -> None:
    if props.get("forceDestroy"):
        for record in call.aws("route53").list_resource_record_sets(HostedZoneId=id_)["ResourceRecordSets"]:
            if record["Type"] not in {"NS", "SOA"}:
                _change(call, id_, "DELETE", record)
    call.aws("route53").delete_hosted_zone(Id=id_)


def _change(call: Call, zone: str, action: str, record: Mapping[str, Any]) -> None:
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    call.aws("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)


ZONE = Row(
    "aws:route53/zone:Zone",
    inputs=words("name comment forceDestroy vpcs tags"),
    create=_create_zone, finish=_finish_zone, read=_read_zone, update=_update_zone, delete=_delete_zone,
    tag=_tagger("hostedzone"),
    replaces=words("name vpcs"), local=words("forceDestroy"),
    defaults={"comment": "Managed by Pulumi"},
    limits=(limits.name("name", 255, r"[^\s]+", "a domain name"), limits.name("comment", 256, r"(?s:.*)", "at most 256", 0)),
)  # fmt: skip

# Record ---------------------------------------------------------------------------------------------------------------

_ALIAS = fields("name zoneId evaluateTargetHealth", zoneId="HostedZoneId", name="DNSName")
_WEIGHTED, _FAILOVER, _LATENCY = "weightedRoutingPolicies", "failoverRoutingPolicies", "latencyRoutingPolicies"
_RECORD_INPUTS = words(
    "zoneId name type ttl records aliases setIdentifier healthCheckId allowOverwrite multivalueAnswerRoutingPolicy"
) | {_WEIGHTED, _FAILOVER, _LATENCY}  # fmt: skip


def _full_name(call: Call, props: Props) -> str:
    """Name with the zone's: a record may be declared by its first labels."""
    zone = str(call.aws("route53").get_hosted_zone(Id=props["zoneId"])["HostedZone"]["Name"]).rstrip(".")
    name = str(props["name"]).rstrip(".").lower()
    if not name:
        return zone
    return name if name == zone or name.endswith(f".{zone}") else f"{name}.{zone}"


def _record(name: str, props: Props) -> dict[str, Any]:
    record: dict[str, Any] = {"Name": name, "Type": props["type"]} | fields("setIdentifier healthCheckId").request(
        props
    )
    if aliases := props.get("aliases"):
        record["AliasTarget"] = {"EvaluateTargetHealth": False} | _ALIAS.request(aliases[0])
    else:
        record["TTL"] = props.get("ttl")
        record["ResourceRecords"] = [{"Value": _quoted(value, props["type"])} for value in props.get("records") or []]
    if failover := props.get(_FAILOVER):
        record["Failover"] = failover[0]["type"]
    if weighted := props.get(_WEIGHTED):
        record["Weight"] = weighted[0]["weight"]
    if latency := props.get(_LATENCY):
        record["Region"] = latency[0]["region"]
    if props.get("multivalueAnswerRoutingPolicy"):
        record["MultiValueAnswer"] = True
    return record


def _quoted(value: str, kind: str) -> str:
    return f'"{value}"' if kind in {"TXT", "SPF"} and not value.startswith('"') else value


def _create_record(call: Call, props: Props) -> str:
    name = _full_name(call, props)
    _change(call, props["zoneId"], "UPSERT" if props.get("allowOverwrite") else "CREATE", _record(name, props))
    parts = [props["zoneId"], name, props["type"]] + ([props["setIdentifier"]] if props.get("setIdentifier") else [])
    return "_".join(parts)


def _update_record(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    _change(call, news["zoneId"], "UPSERT", _record(_full_name(call, news), news))


def _find(call: Call, id_: str) -> Mapping[str, Any] | None:
    """The record that an id `zone_name_type[_set]` names; names may hold underscores, so it is matched from the zone on."""
    zone, _, rest = id_.partition("_")
    page = call.aws("route53").list_resource_record_sets(HostedZoneId=zone, MaxItems="300")
    while True:
        for record in page["ResourceRecordSets"]:
            parts = [record["Name"].rstrip(".").replace("\\052", "*"), record["Type"]]
            if rest == "_".join(parts + ([record["SetIdentifier"]] if record.get("SetIdentifier") else [])):
                return dict(record)
        if not page.get("IsTruncated"):
            return None
        start = {
            f"Start{key}": page[f"Next{key}"]
            for key in ("RecordName", "RecordType", "RecordIdentifier")
            if page.get(f"Next{key}")
        }
        page = call.aws("route53").list_resource_record_sets(HostedZoneId=zone, MaxItems="300", **start)


def _read_record(call: Call, id_: str, props: Props) -> Props | None:
    record = _find(call, id_)
    if record is None:
        return None
    fqdn = record["Name"].rstrip(".")
    declared = str(props.get("name") or "").rstrip(".").lower()
    alias = record.get("AliasTarget")
    values = [each["Value"].strip('"') for each in record.get("ResourceRecords") or []]
    return fields("type setIdentifier healthCheckId", ttl="TTL").answer(record) | {
        "zoneId": id_.partition("_")[0],
        "fqdn": fqdn,
        "name": props["name"] if declared and fqdn.startswith(declared) else fqdn,
        "records": values or None,
        "aliases": [_ALIAS.answer(alias) | {"name": _same_name(alias["DNSName"], props)}] if alias else None,
        _FAILOVER: [{"type": record["Failover"]}] if record.get("Failover") else None,
        _WEIGHTED: [{"weight": record["Weight"]}] if record.get("Weight") is not None else None,
        _LATENCY: [{"region": record["Region"]}] if record.get("Region") else None,
        "multivalueAnswerRoutingPolicy": record.get("MultiValueAnswer"),
    }


def _same_name(name: str, props: Props) -> str:
    """AWS may add a dot, or change the case, of an alias's target."""
    declared = str((props.get("aliases") or [{}])[0].get("name") or "")
    return declared if declared.rstrip(".").lower() == name.rstrip(".").lower() else name


def _delete_record(call: Call, id_: str, props: Props) -> None:
    if record := _find(call, id_):
        _change(call, props["zoneId"], "DELETE", record)


def _one_target(props: Props) -> Iterable[Problem]:
    yield from limits.needs_one("records", "aliases")(props)
    yield from limits.not_both("records", "aliases")(props)
    yield from limits.not_both("ttl", "aliases")(props)
    if props.get("records") is not None and props.get("ttl") is None:
        yield "ttl", "is needed with records"
    routed = [key for key in (_WEIGHTED, _FAILOVER, _LATENCY) if props.get(key) is not None]
    if routed and props.get("setIdentifier") is None:
        yield "setIdentifier", f"is needed with {routed[0]}"


RECORD = Row(
    "aws:route53/record:Record",
    inputs=_RECORD_INPUTS,
    create=_create_record, read=_read_record, update=_update_record, delete=_delete_record,
    replaces=words("zoneId name type setIdentifier"), local=words("allowOverwrite"),
    limits=(_one_target, limits.between("ttl", 0, 2147483647)),
)  # fmt: skip

# HealthCheck ----------------------------------------------------------------------------------------------------------

_SAME = fields(
    "type fqdn port resourcePath searchString failureThreshold requestInterval measureLatency disabled enableSni regions "
    "insufficientDataHealthStatus childHealthchecks childHealthThreshold",
    fqdn="FullyQualifiedDomainName", ipAddress="IPAddress", invertHealthcheck="Inverted", enableSni="EnableSNI",
    childHealthchecks="ChildHealthChecks", childHealthThreshold="HealthThreshold",
)  # fmt: skip
_ALARM = fields("", cloudwatchAlarmName="Name", cloudwatchAlarmRegion="Region")
_FIXED = words("type requestInterval measureLatency")


def _config(props: Props, only_: Set[str] | None = None) -> dict[str, Any]:
    config = _SAME.request(props, only_)
    if props.get("cloudwatchAlarmName") and (only_ is None or only_ & _ALARM.names):
        config["AlarmIdentifier"] = _ALARM.request(props)
    return config


def _create_check(call: Call, props: Props) -> str:
    reference = f"{props.get('referenceName') or ''}{secrets.token_hex(12)}"[:64]
    answer = call.aws("route53").create_health_check(CallerReference=reference, HealthCheckConfig=_config(props))
    return str(answer["HealthCheck"]["Id"])


def _update_check(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    config = _config(news, changed - _FIXED)
    if changed & _ALARM.names and news.get("cloudwatchAlarmName"):
        config["AlarmIdentifier"] = _ALARM.request(news)
    call.aws("route53").update_health_check(HealthCheckId=id_, **config)


def _read_check(call: Call, id_: str, props: Props) -> Props | None:
    config = call.aws("route53").get_health_check(HealthCheckId=id_)["HealthCheck"]["HealthCheckConfig"]
    found = {key: value for key, value in _SAME.answer(config).items() if value not in (None, [], "")}
    alarm = config.get("AlarmIdentifier")
    return found | {
        "arn": call.arn("route53", f"healthcheck/{id_}", region=False, account=False),
        "cloudwatchAlarmName": alarm["Name"] if alarm else None,
        "cloudwatchAlarmRegion": alarm["Region"] if alarm else None,
        "tags": _tags_of(call, "healthcheck", id_),
    }


def _alarm_given(props: Props) -> Iterable[Problem]:
    if props.get("type") == "CLOUDWATCH_METRIC":
        for key in sorted(_ALARM.names):
            if props.get(key) is None:
                yield key, "is needed by a health check of type CLOUDWATCH_METRIC"


HEALTH_CHECK = Row(
    "aws:route53/healthCheck:HealthCheck",
    inputs=_SAME.names | _ALARM.names | words("referenceName tags"),
    create=_create_check, finish=_tag_at_creation("healthcheck"), read=_read_check, update=_update_check,
    delete=lambda call, id_, props: call.aws("route53").delete_health_check(HealthCheckId=id_),
    tag=_tagger("healthcheck"),
    replaces=_FIXED | {"referenceName"},
    limits=(
        _alarm_given, limits.one_of("insufficientDataHealthStatus", "Healthy", "Unhealthy", "LastKnownStatus"),
        limits.one_of(
            "type", "HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP", "CALCULATED", "CLOUDWATCH_METRIC"
        ),
    ),
)  # fmt: skip

ROWS = (ZONE, RECORD, HEALTH_CHECK)
