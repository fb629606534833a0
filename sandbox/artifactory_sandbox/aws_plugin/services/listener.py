"""Listener and ListenerRule: what a load balancer does with a request."""

from collections.abc import Iterable, Set
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import Call, Problem, Row, fields, only, words
from artifactory_sandbox.aws_plugin.services._elb import attributes, from_attributes, given_tags, tag, tags_of
from artifactory_sandbox.aws_plugin.shape import camel, pascal
from artifactory_sandbox.aws_plugin.wire import Props

_ACTION = {
    "redirect": "RedirectConfig", "fixedResponse": "FixedResponseConfig", "forward": "ForwardConfig",
    "authenticateCognito": "AuthenticateCognitoConfig", "authenticateOidc": "AuthenticateOidcConfig",
    "arn": "TargetGroupArn", "stickiness": "TargetGroupStickinessConfig", "duration": "DurationSeconds",
}  # fmt: skip


def _actions(declared: list[Props]) -> list[dict[str, Any]]:
    return [pascal(action, _ACTION) for action in declared]


def _declared_actions(actions: list[dict[str, Any]]) -> list[Props]:
    """AWS answers a forward to one group in both its forms; the declaration has one."""
    found = [camel(action, _ACTION) for action in actions]
    for action in found:
        if "arn" in action:
            action["targetGroupArn"] = action.pop("arn")
    return found


# Listener -------------------------------------------------------------------------------------------------------------

_LISTENER = fields("port protocol sslPolicy")
_HEADERS = {
    "routingHttpResponseStrictTransportSecurityHeaderValue": "routing.http.response.strict_transport_security.header_value"
}


def _request(props: Props) -> dict[str, Any]:
    request = _LISTENER.request(props) | {"DefaultActions": _actions(props["defaultActions"])}
    if certificate := props.get("certificateArn"):
        request["Certificates"] = [{"CertificateArn": certificate}]
    if policy := props.get("alpnPolicy"):
        request["AlpnPolicy"] = [policy]
    return request


def _create(call: Call, props: Props) -> str:
    answer = call.aws("elbv2").create_listener(
        LoadBalancerArn=props["loadBalancerArn"], **_request(props), **given_tags(props)
    )
    return str(answer["Listeners"][0]["ListenerArn"])


def _finish(call: Call, id_: str, props: Props) -> None:
    if wanted := attributes(props, _HEADERS):
        call.aws("elbv2").modify_listener_attributes(ListenerArn=id_, Attributes=wanted)


def _update(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    client = call.aws("elbv2")
    client.modify_listener(ListenerArn=id_, **_request(news))
    if changed & _HEADERS.keys():
        wanted = attributes({name: news.get(name) or "" for name in _HEADERS}, _HEADERS)
        client.modify_listener_attributes(ListenerArn=id_, Attributes=wanted)


def _read(call: Call, id_: str, props: Props) -> Props | None:
    listener = only(lambda: call.aws("elbv2").describe_listeners(ListenerArns=[id_])["Listeners"])
    if listener is None:
        return None
    secure = listener.get("Protocol") in {"HTTPS", "TLS"}
    certificates = listener.get("Certificates") or [{}]
    listed = call.aws("elbv2").describe_listener_attributes(ListenerArn=id_)["Attributes"]
    headers = {name: value or None for name, value in from_attributes(listed, _HEADERS).items()}
    return (
        fields("loadBalancerArn port protocol").answer(listener)
        | headers
        | {
            "arn": id_,
            "sslPolicy": listener.get("SslPolicy") if secure else None,
            "certificateArn": certificates[0].get("CertificateArn") if secure else None,
            "alpnPolicy": next(iter(listener.get("AlpnPolicy") or []), None),
            "defaultActions": _declared_actions(listener["DefaultActions"]),
            "tags": tags_of(call, id_),
        }
    )


def _certificate(props: Props) -> Iterable[Problem]:
    if props.get("protocol") in {"HTTPS", "TLS"} and props.get("certificateArn") is None:
        yield "certificateArn", f"is needed by a listener of protocol {props['protocol']}"


LISTENER = Row(
    "aws:lb/listener:Listener",
    inputs=_LISTENER.names | _HEADERS.keys() | words("loadBalancerArn defaultActions certificateArn alpnPolicy tags"),
    create=_create, finish=_finish, read=_read, update=_update, tag=tag,
    delete=lambda call, id_, props: call.aws("elbv2").delete_listener(ListenerArn=id_),
    replaces=words("loadBalancerArn"),
    limits=(
        limits.between("port", 1, 65535), _certificate,
        limits.one_of("protocol", "HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP"),
    ),
)  # fmt: skip

# ListenerRule ---------------------------------------------------------------------------------------------------------

_CONDITIONS = {
    "pathPattern": "path-pattern", "hostHeader": "host-header", "httpHeader": "http-header",
    "httpRequestMethod": "http-request-method", "sourceIp": "source-ip", "queryStrings": "query-string",
}  # fmt: skip


def _conditions(declared: list[Props]) -> list[dict[str, Any]]:
    found = []
    for condition in declared:
        for key, field in _CONDITIONS.items():
            if condition.get(key):
                value = pascal({"values": condition[key]} if key == "queryStrings" else condition[key])
                name = "QueryStringConfig" if key == "queryStrings" else key[0].upper() + key[1:] + "Config"
                found.append({"Field": field, name: value})
    return found


def _declared_condition(condition: dict[str, Any]) -> Props:
    key = next(key for key, field in _CONDITIONS.items() if field == condition["Field"])
    name = "QueryStringConfig" if key == "queryStrings" else key[0].upper() + key[1:] + "Config"
    value = camel(condition.get(name) or {"Values": condition.get("Values", [])})
    return {key: value["values"] if key == "queryStrings" else value}


def _create_rule(call: Call, props: Props) -> str:
    client, listener = call.aws("elbv2"), props["listenerArn"]
    answer = client.create_rule(
        ListenerArn=listener,
        Priority=props.get("priority") or _next_priority(client, listener),
        Conditions=_conditions(props["conditions"]),
        Actions=_actions(props["actions"]),
        **given_tags(props),
    )
    return str(answer["Rules"][0]["RuleArn"])


def _next_priority(client: Any, listener: str) -> int:
    taken = [rule["Priority"] for rule in client.describe_rules(ListenerArn=listener)["Rules"]]
    return max((int(priority) for priority in taken if priority != "default"), default=0) + 1


def _update_rule(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    client = call.aws("elbv2")
    if "priority" in changed and news.get("priority"):
        client.set_rule_priorities(RulePriorities=[{"RuleArn": id_, "Priority": news["priority"]}])
    if changed & {"actions", "conditions"}:
        actions, conditions = _actions(news["actions"]), _conditions(news["conditions"])
        client.modify_rule(RuleArn=id_, Actions=actions, Conditions=conditions)


def _read_rule(call: Call, id_: str, props: Props) -> Props | None:
    rule = only(lambda: call.aws("elbv2").describe_rules(RuleArns=[id_])["Rules"])
    if rule is None:
        return None
    return {
        "arn": id_,
        "listenerArn": props.get("listenerArn") or id_.rpartition("/")[0].replace(":listener-rule/", ":listener/"),
        "priority": int(rule["Priority"]),
        "actions": _declared_actions(rule["Actions"]),
        "conditions": [_declared_condition(condition) for condition in rule["Conditions"]],
        "tags": tags_of(call, id_),
    }


LISTENER_RULE = Row(
    "aws:lb/listenerRule:ListenerRule",
    inputs=words("listenerArn priority actions conditions tags"),
    create=_create_rule, read=_read_rule, update=_update_rule, tag=tag,
    delete=lambda call, id_, props: call.aws("elbv2").delete_rule(RuleArn=id_),
    replaces=words("listenerArn"),
    limits=(limits.between("priority", 1, 50000),),
)  # fmt: skip

ROWS = (LISTENER, LISTENER_RULE)
