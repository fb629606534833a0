"""The older place of the one key that index files are signed with; key pairs have taken its part (12.5.5)."""

from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, text

_PUBLIC = "/artifactory/api/gpg/key/public"
_SETTING = "gpg-public-key"
_LONGEST = 64 * 1024


def public(call: Call) -> Answer:
    """Get GPG Public Key."""
    key = str(call.platform.settings.get(_SETTING, ""))
    if not key:
        raise Refused(404, "No GPG public key is configured.")
    return text(key)


def set_public(call: Call) -> Answer:
    """Set GPG Public Key."""
    key = call.text()
    if "BEGIN PGP PUBLIC KEY BLOCK" not in key or len(key) > _LONGEST:
        raise Refused(400, "The text is no GPG public key.")
    call.platform.settings.set(_SETTING, key)
    return text("Successfully configured the gpg public key")


ROUTES = (
    Route("GET", _PUBLIC, "12.5.5", public, Needs.CALLER),
    Route("PUT", _PUBLIC, "12.5.5", set_public),
)
