"""Settings of the whole platform with calls of their own: replication block, base URL, key encryption (1.5, 1.6, 1.9)."""

from urllib.parse import urlsplit

from artifactory_sandbox.platform.web import Answer, Call, Refused, Route, json_answer, text

API = "/artifactory/api"


def base_url(call: Call) -> Answer:
    """Update Custom URL Base; an empty body clears it."""
    url = call.text().strip().strip('"')
    platform = call.platform
    if url and not _is_url(url):
        raise Refused(400, f"Invalid URL base: {url[:200]}")
    if not platform.version.at_least("7.55.1") and platform.federation.has_remote_members():
        raise Refused(400, "The URL base cannot be changed while federated repositories have remote members.")
    platform.configuration.base_url = url
    platform.wake()
    return text(f'URL base has been successfully updated to "{url}".\n')


def _is_url(url: str) -> bool:
    try:
        found = urlsplit(url)
        return found.scheme in {"http", "https"} and bool(found.hostname) and (found.port or 1) > 0
    except ValueError:
        return False


def replications(call: Call) -> Answer:
    """Get Global System Replication Configuration."""
    configuration = call.platform.configuration
    shown = {f"block{kind}Replications": configuration.blocked(kind) for kind in ("Pull", "Push")}
    return json_answer(shown)


def block(call: Call) -> Answer:
    """Block System Replication."""
    return _switch(call, on=True)


def unblock(call: Call) -> Answer:
    """Unblock System Replication."""
    return _switch(call, on=False)


def _switch(call: Call, on: bool) -> Answer:
    push, pull = (call.first(name, "true").lower() == "true" for name in ("push", "pull"))
    call.platform.configuration.block(push, pull, on)
    call.platform.wake()
    if not push and not pull:
        return text("No action taken.")
    kind = "" if push and pull else "push " if push else "pull "
    if not on:
        return text(f"Successfully unblocked all {kind}replications.")
    return text(f"Successfully blocked all {kind}replications, no {kind}replication will be triggered.")


def encrypt(call: Call) -> Answer:
    """Activate Artifactory Key Encryption; not refused when it is on."""
    call.platform.configuration.encryption.activate()
    return text("DONE")


def decrypt(call: Call) -> Answer:
    """Deactivate Artifactory Key Encryption; a 409 in plain text when it is off."""
    call.platform.configuration.encryption.deactivate()
    return text("DONE")


ROUTES = (
    Route("PUT", f"{API}/system/configuration/baseUrl", "1.6", base_url),
    Route("GET", f"{API}/system/replications", "1.5", replications),
    Route("POST", f"{API}/system/replications/block", "1.5", block),
    Route("POST", f"{API}/system/replications/unblock", "1.5", unblock),
    Route("POST", f"{API}/system/encrypt", "1.9", encrypt),
    Route("POST", f"{API}/system/decrypt", "1.9", decrypt),
)
