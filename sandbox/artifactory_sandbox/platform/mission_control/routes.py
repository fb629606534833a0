"""The calls of Mission Control (7)."""

import email.parser
import email.policy

from artifactory_sandbox.platform.mission_control.jpds import EXCHANGE, STATUSES
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer, text

API = "/mc/api/v1"


def ping(call: Call) -> Answer:
    """Whether Mission Control answers."""
    del call
    return text("OK")


def listed(call: Call) -> Answer:
    """Get JPDs by name, tag, url and status."""
    status = call.first("status")
    if status and status not in STATUSES:
        raise Refused(400, f"Invalid status: {status}")
    name, tag, url = call.first("name"), call.first("tag"), call.first("url").rstrip("/")
    return json_answer(
        [
            jpd
            for jpd in call.platform.mission_control.jpds.all()
            if (not name or jpd["name"] == name)
            and (not tag or tag in jpd["tags"])
            and (not url or jpd["url"].rstrip("/") == url)
            and (not status or jpd["status"]["code"] == status)
        ]
    )


def get(call: Call) -> Answer:
    """One JPD."""
    return json_answer(call.platform.mission_control.jpds.get(call.args["id"]))


def register(call: Call) -> Answer:
    """Registers a platform."""
    return json_answer(call.platform.mission_control.jpds.register(call.json_object()), 201)


def change(call: Call) -> Answer:
    """Changes a registered platform."""
    call.platform.mission_control.jpds.change(call.args["id"], call.json_object())
    return empty(204)


def remove(call: Call) -> Answer:
    """Takes a platform off the list."""
    call.platform.mission_control.jpds.remove(call.args["id"])
    return empty(204)


def exchange(call: Call) -> Answer:
    """Another platform's Mission Control brings a pairing token of ours, or the join key."""
    return json_answer(call.platform.mission_control.jpds.exchange(call.json_object()))


def buckets(call: Call) -> Answer:
    """Get License Buckets."""
    return json_answer(call.platform.mission_control.buckets.listed())


def add_bucket(call: Call) -> Answer:
    """Add License Bucket: JSON with an address, or a form with a file."""
    service = call.platform.mission_control.buckets
    if call.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        form = _form(call)
        if "file" not in form:
            raise Refused(400, "file is required")
        name, key = (form.get(field, b"").decode("utf-8", "replace") for field in ("name", "key"))
        return json_answer(service.add(name, key, data=form["file"]), 201)
    sent = call.json_object()
    if not isinstance(sent.get("url"), str):
        raise Refused(400, "url is required")
    return json_answer(service.add(sent.get("name"), sent.get("key"), url=sent["url"]), 201)


def report(call: Call) -> Answer:
    """License Bucket Status; as CSV when that is asked for."""
    service, name = call.platform.mission_control.buckets, call.args["name"]
    if call.first("format") == "csv" or call.headers.get("accept", "").startswith("text/csv"):
        return Answer(200, service.report_csv(name).encode(), "text/csv")
    return json_answer(service.report(name))


def deploy(call: Call) -> Answer:
    """Attach licences to a JPD."""
    said = call.platform.mission_control.buckets.deploy(call.args["name"], call.json_object())
    return json_answer({"success": True, "message": said})


def acquire(call: Call) -> Answer:
    """Acquire licences under a label."""
    one_line = call.flag("remove_new_line")
    keys = call.platform.mission_control.buckets.acquire(call.args["name"], call.json_object(), one_line)
    return json_answer({"license_keys": keys})


def release(call: Call) -> Answer:
    """Detach licences."""
    call.platform.mission_control.buckets.release(call.args["name"], call.json_object())
    return empty(204)


def delete_bucket(call: Call) -> Answer:
    """Delete License Bucket."""
    call.platform.mission_control.buckets.delete(call.args["name"])
    return empty(204)


def export(call: Call) -> Answer:
    """Export of Mission Control's own data."""
    return Answer(200, call.platform.mission_control.export(), "application/octet-stream")


def restore(call: Call) -> Answer:
    """Import of Mission Control's own data."""
    call.platform.mission_control.restore()
    return empty(204)


def _form(call: Call) -> dict[str, bytes]:
    """Fields of a multipart form; a 400 when it is none."""
    head = f"Content-Type: {call.headers['content-type']}\r\n\r\n".encode("latin-1", "replace")
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + call.data)
    if not message.is_multipart():
        raise Refused(400, "The form cannot be read")
    fields: dict[str, bytes] = {}
    for part in message.iter_parts():
        name, value = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(value, bytes):
            fields[name] = value
    return fields


ROUTES = (
    Route("GET", f"{API}/system/ping", "7.3", ping, Needs.PUBLIC),
    Route("GET", f"{API}/jpds", "7.1", listed),
    Route("POST", f"{API}/jpds", "7.1", register),
    Route("GET", f"{API}/jpds/{{id}}", "7.1", get),
    Route("PUT", f"{API}/jpds/{{id}}", "7.1", change),
    Route("DELETE", f"{API}/jpds/{{id}}", "7.1", remove),
    Route("POST", f"/{EXCHANGE}", "7.1", exchange, Needs.NOTHING),
    Route("GET", f"{API}/buckets", "7.2", buckets),
    Route("POST", f"{API}/buckets", "7.2", add_bucket),
    Route("GET", f"{API}/buckets/{{name}}/report", "7.2", report),
    Route("POST", f"{API}/buckets/{{name}}/deploy", "7.2", deploy),
    Route("POST", f"{API}/buckets/{{name}}/acquire", "7.2", acquire),
    Route("POST", f"{API}/buckets/{{name}}/release", "7.2", release),
    Route("DELETE", f"{API}/buckets/{{name}}", "7.2", delete_bucket),
    Route("PUT", f"{API}/system/backup/export", "7.3", export),
    Route("PUT", f"{API}/system/backup/import", "7.3", restore),
)
