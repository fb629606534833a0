"""Certificate and CertificateValidation. In the sandbox a requested certificate is issued without looking at DNS."""

import time
from collections.abc import Mapping, Set
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.connection import Refused
from artifactory_sandbox.aws_plugin.rows import Call, Row, fields, tag_list, tag_map, words
from artifactory_sandbox.aws_plugin.wire import Props

_REQUEST = fields("domainName validationMethod subjectAlternativeNames keyAlgorithm")
_MATERIAL = words("certificateBody privateKey certificateChain")


def _create(call: Call, props: Props) -> str:
    client, tags = call.aws("acm"), tag_list(props.get("tagsAll"))
    extra: dict[str, Any] = {"Tags": tags} if tags else {}
    if props.get("privateKey"):
        names = {"certificateBody": "Certificate", "privateKey": "PrivateKey", "certificateChain": "CertificateChain"}
        material = {boto: props[key].encode() for key, boto in names.items() if props.get(key)}
        return str(client.import_certificate(**material, **extra)["CertificateArn"])
    return str(client.request_certificate(**_REQUEST.request(props), **extra)["CertificateArn"])


def _update(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    names = {"certificateBody": "Certificate", "privateKey": "PrivateKey", "certificateChain": "CertificateChain"}
    if changed & _MATERIAL:
        material = {boto: news[key].encode() for key, boto in names.items() if news.get(key)}
        call.aws("acm").import_certificate(CertificateArn=id_, **material)


def _read(call: Call, id_: str, props: Props) -> Props | None:
    client = call.aws("acm")
    certificate = client.describe_certificate(CertificateArn=id_)["Certificate"]
    options = certificate.get("DomainValidationOptions") or []
    main = certificate["DomainName"]
    names = [name for name in certificate.get("SubjectAlternativeNames") or [] if name != main]
    requested = certificate.get("Type") != "IMPORTED"
    return fields("domainName status type keyAlgorithm", arn="CertificateArn").answer(certificate) | {
        "subjectAlternativeNames": names,
        "validationMethod": options[0].get("ValidationMethod") if options and requested else "NONE",
        "domainValidationOptions": [_record(option) for option in options if option.get("ResourceRecord")],
        "validationEmails": [],
        "notBefore": _time(certificate.get("NotBefore")),
        "notAfter": _time(certificate.get("NotAfter")),
        "renewalEligibility": certificate.get("RenewalEligibility") or "INELIGIBLE",
        "tags": tag_map(client.list_tags_for_certificate(CertificateArn=id_)["Tags"]),
    }


def _record(option: Mapping[str, Any]) -> Props:
    record = option["ResourceRecord"]
    return {
        "domainName": option["DomainName"],
        "resourceRecordName": record["Name"],
        "resourceRecordType": record["Type"],
        "resourceRecordValue": record["Value"],
    }


def _time(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


def _tag(call: Call, id_: str, props: Props, tags: Mapping[str, str], gone: list[str]) -> None:
    client = call.aws("acm")
    if gone:
        client.remove_tags_from_certificate(CertificateArn=id_, Tags=[{"Key": key} for key in gone])
    if tags:
        client.add_tags_to_certificate(CertificateArn=id_, Tags=tag_list(tags))


CERTIFICATE = Row(
    "aws:acm/certificate:Certificate",
    inputs=_REQUEST.names | _MATERIAL | {"tags"},
    create=_create, read=_read, update=_update, tag=_tag,
    delete=lambda call, id_, props: call.aws("acm").delete_certificate(CertificateArn=id_),
    replaces=_REQUEST.names,
    limits=(limits.needs_one("domainName", "privateKey"), limits.one_of("validationMethod", "DNS", "EMAIL")),
)  # fmt: skip

_ISSUED_WITHIN = 120.0
"""Seconds; the sandbox's AWS issues at the first look, or after its own delay of a minute."""


def _await_issued(call: Call, props: Props) -> str:
    client, deadline = call.aws("acm"), time.monotonic() + _ISSUED_WITHIN
    while True:
        certificate = client.describe_certificate(CertificateArn=props["certificateArn"])["Certificate"]
        if certificate["Status"] == "ISSUED":
            return str(certificate.get("IssuedAt") or certificate["CreatedAt"])
        if time.monotonic() > deadline:
            raise Refused(f"{props['certificateArn']} is {certificate['Status']} after {_ISSUED_WITHIN:.0f} s")
        time.sleep(1)


def _read_validation(call: Call, id_: str, props: Props) -> Props | None:
    if not (arn := props.get("certificateArn")):
        return None
    certificate = call.aws("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    return {"certificateArn": arn} if certificate["Status"] == "ISSUED" else None


VALIDATION = Row(
    "aws:acm/certificateValidation:CertificateValidation",
    inputs=words("certificateArn validationRecordFqdns"),
    create=_await_issued, read=_read_validation,
    delete=lambda call, id_, props: None,
    replaces=words("certificateArn validationRecordFqdns"),
)  # fmt: skip

ROWS = (CERTIFICATE, VALIDATION)
