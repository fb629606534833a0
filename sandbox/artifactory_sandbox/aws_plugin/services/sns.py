"""Topic and TopicSubscription of SNS."""

from collections.abc import Mapping, Set

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import Call, Name, Row, tag_list, tag_map, words
from artifactory_sandbox.aws_plugin.wire import Props

_ATTRIBUTES = {"displayName": "DisplayName", "policy": "Policy", "kmsMasterKeyId": "KmsMasterKeyId"}


def _create(call: Call, props: Props) -> str:
    attributes = {boto: props[key] for key, boto in _ATTRIBUTES.items() if props.get(key)}
    if props.get("fifoTopic"):
        attributes["FifoTopic"] = "true"
    name = props.get("name") or f"{props['namePrefix']}{call.unique()}"
    tags = tag_list(props["tagsAll"])
    return str(call.aws("sns").create_topic(Name=name, Attributes=attributes, Tags=tags)["TopicArn"])


def _update(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    for key, boto in _ATTRIBUTES.items():
        if key in changed:
            value = news.get(key) or ""
            call.aws("sns").set_topic_attributes(TopicArn=id_, AttributeName=boto, AttributeValue=value)


def _read(call: Call, id_: str, props: Props) -> Props | None:
    client = call.aws("sns")
    attributes = client.get_topic_attributes(TopicArn=id_)["Attributes"]
    return {key: attributes.get(boto) or None for key, boto in _ATTRIBUTES.items()} | {
        "arn": id_,
        "name": id_.rpartition(":")[2],
        "owner": attributes.get("Owner") or call.account,
        "fifoTopic": attributes.get("FifoTopic") == "true",
        "tags": tag_map(client.list_tags_for_resource(ResourceArn=id_)["Tags"]),
    }


def _tag(call: Call, id_: str, props: Props, tags: Mapping[str, str], gone: list[str]) -> None:
    client = call.aws("sns")
    if gone:
        client.untag_resource(ResourceArn=id_, TagKeys=gone)
    if tags:
        client.tag_resource(ResourceArn=id_, Tags=tag_list(tags))


_SUBSCRIPTION = {"rawMessageDelivery": "RawMessageDelivery", "filterPolicy": "FilterPolicy"}


def _subscribe(call: Call, props: Props) -> str:
    """An address confirms by itself some day: until then AWS has no ARN for it, and the real plugin waits for none."""
    request = {"TopicArn": props["topic"], "Protocol": props["protocol"], "Endpoint": props["endpoint"]}
    attributes = {boto: str(props[key]).lower() for key, boto in _SUBSCRIPTION.items() if props.get(key)}
    answer = call.aws("sns").subscribe(**request, Attributes=attributes, ReturnSubscriptionArn=True)
    return str(answer["SubscriptionArn"])


def _read_subscription(call: Call, id_: str, props: Props) -> Props | None:
    found = call.aws("sns").get_subscription_attributes(SubscriptionArn=id_)["Attributes"]
    return {
        "arn": id_,
        "topic": found["TopicArn"],
        "protocol": found["Protocol"],
        "endpoint": found["Endpoint"],
        "ownerId": found.get("Owner"),
        "pendingConfirmation": found.get("PendingConfirmation") == "true",
        "confirmationWasAuthenticated": found.get("ConfirmationWasAuthenticated") == "true",
        "rawMessageDelivery": found.get("RawMessageDelivery") == "true",
        "filterPolicy": found.get("FilterPolicy") or None,
    }


def _update_subscription(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    for key, boto in _SUBSCRIPTION.items():
        if key in changed:
            value = news.get(key)
            text = str(value).lower() if isinstance(value, bool) else value or ""
            call.aws("sns").set_subscription_attributes(SubscriptionArn=id_, AttributeName=boto, AttributeValue=text)


SUBSCRIPTION = Row(
    "aws:sns/topicSubscription:TopicSubscription",
    inputs=words("topic protocol endpoint") | _SUBSCRIPTION.keys(),
    create=_subscribe, read=_read_subscription, update=_update_subscription,
    delete=lambda call, id_, props: call.aws("sns").unsubscribe(SubscriptionArn=id_),
    replaces=words("topic protocol endpoint"),
    limits=(limits.one_of("protocol", "email", "email-json", "http", "https", "sqs", "sms", "lambda", "firehose"),),
)  # fmt: skip

ROWS = (
    SUBSCRIPTION,
    Row(
        "aws:sns/topic:Topic",
        inputs=words("name namePrefix fifoTopic tags") | _ATTRIBUTES.keys(),
        create=_create, read=_read, update=_update, tag=_tag,
        delete=lambda call, id_, props: call.aws("sns").delete_topic(TopicArn=id_),
        replaces=words("name namePrefix fifoTopic"),
        name=Name(longest=256),
        limits=(
            limits.name("name", 256, r"[A-Za-z0-9_-]+(\.fifo)?", "letters, digits, _ and -"),
            limits.name("displayName", 100, r"(?s:.*)", "at most 100 characters", 0),
        ),
    ),
)  # fmt: skip
