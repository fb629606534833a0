"""Topic of SNS."""

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


ROWS = (
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
