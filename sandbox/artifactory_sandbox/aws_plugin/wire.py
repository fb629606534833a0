"""The engine's values as Python's, and back: secrets are noted by top-level key, unknowns are one object."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.struct_pb2 import NULL_VALUE, ListValue, Struct, Value

Props = dict[str, Any]

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - marks a secret, is none
_UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class Unknown:
    """A value that is known only after the update."""

    def __repr__(self) -> str:
        return "<known after the update>"

    def __deepcopy__(self, memo: object) -> "Unknown":
        return self


UNKNOWN: Final = Unknown()


def holds_unknown(value: object) -> bool:
    """True if `value` is unknown or has an unknown part."""
    if isinstance(value, Mapping):
        return any(holds_unknown(part) for part in value.values())
    if isinstance(value, list):
        return any(holds_unknown(part) for part in value)
    return value is UNKNOWN


@dataclass(frozen=True)
class Decoded:
    """Plain properties, and the top-level keys that hold a secret somewhere."""

    props: Props
    secrets: frozenset[str]
    hidden: tuple[str, ...] = ()
    """The secret texts themselves, so that no message repeats one."""

    def redacted(self, message: str) -> str:
        """`message` without any secret text."""
        for text in self.hidden:
            message = message.replace(text, "[secret]")
        return message


def decode(struct: Struct) -> Decoded:
    """Properties of a request. Numbers that are whole become `int`; null entries of the top level are dropped."""
    props: Props = {}
    secrets: set[str] = set()
    hidden: set[str] = set()
    for key, value in struct.fields.items():
        found: list[Any] = []
        plain = _plain(value, found)
        if plain is not None:
            props[key] = plain
        if found:
            secrets.add(key)
            hidden.update(_texts(found))
    return Decoded(props, frozenset(secrets), tuple(sorted(hidden, key=len, reverse=True)))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and len(value) > 3:  # a shorter one would blot out half the message
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _plain(value: Value, secrets: list[Any]) -> Any:  # noqa: PLR0911 - one a kind
    match value.WhichOneof("kind"):
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "string_value":
            return UNKNOWN if value.string_value == _UNKNOWN_TEXT else value.string_value
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [_plain(part, secrets) for part in value.list_value.values]
        case "struct_value":
            fields = value.struct_value.fields
            if SIGNATURE in fields and fields[SIGNATURE].string_value == _SECRET:
                opened = _plain(fields["value"], secrets)
                secrets.append(opened)
                return opened
            return {key: _plain(part, secrets) for key, part in fields.items()}
    return None


def encode(props: Mapping[str, Any], secrets: Iterable[str] = ()) -> Struct:
    """Properties of an answer; the keys in `secrets` are sealed whole."""
    struct, sealed = Struct(), frozenset(secrets)
    for key, plain in props.items():
        value = _value(plain)
        if key in sealed:
            envelope = struct.fields[key].struct_value
            envelope.fields[SIGNATURE].string_value = _SECRET
            envelope.fields["value"].CopyFrom(value)
        else:
            struct.fields[key].CopyFrom(value)
    return struct


def _value(plain: Any) -> Value:  # noqa: PLR0911 - one a kind
    if plain is None:
        return Value(null_value=NULL_VALUE)
    if plain is UNKNOWN:
        return Value(string_value=_UNKNOWN_TEXT)
    if isinstance(plain, bool):
        return Value(bool_value=plain)
    if isinstance(plain, int | float):
        return Value(number_value=plain)
    if isinstance(plain, str):
        return Value(string_value=plain)
    if isinstance(plain, Mapping):
        return Value(struct_value=encode(plain))
    if isinstance(plain, list | tuple | set | frozenset):
        return Value(list_value=ListValue(values=[_value(part) for part in plain]))
    raise TypeError(f"no value of the engine for {type(plain).__name__}")
