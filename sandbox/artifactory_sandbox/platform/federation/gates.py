"""Which federation calls a server has: by its version, its licence, and the service that it uses (0.5, 3)."""

from artifactory_sandbox.platform.web import Call, Refused


def needs_rtfs(call: Call) -> None:
    """A 405 while the legacy service is in use."""
    since(call, "7.104.2")
    if not call.platform.federation.service:
        raise Refused(405, "The Artifactory Federation Service (RTFS) is not enabled")


def needs_legacy(call: Call, version: str = "7.49.3") -> None:
    """A 405 while the federation service is in use."""
    since(call, version)
    if call.platform.federation.service:
        raise Refused(405, "Not available while the Artifactory Federation Service (RTFS) is enabled")


def since(call: Call, version: str) -> None:
    """What a version lacks is not found; what it has needs a licence."""
    if not call.platform.version.at_least(version):
        raise Refused(404, "Not Found")
    call.platform.federation.demand_licence()
