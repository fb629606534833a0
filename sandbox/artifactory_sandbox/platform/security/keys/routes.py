"""Key pairs, trusted keys and certificates over HTTP (12.5.5); the certificates of the circle of trust (4.3)."""

from typing import Any

from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.security.keys.behaviour import Keys
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer, text

PAIRS = "/artifactory/api/security/keypair"
TRUSTED = "/artifactory/api/security/keys/trusted"
CERTIFICATES = "/artifactory/api/system/security/certificates"


def pairs(call: Call) -> Answer:
    """Get All Key Pairs, without what is secret."""
    return json_answer([_pair(row) for row in _keys(call).state.pairs()])


def pair(call: Call) -> Answer:
    """Get Key Pair, without what is secret."""
    return json_answer(_pair(_keys(call).pair(call.args["name"])))


def add_pair(call: Call) -> Answer:
    """Create Key Pair: both halves must be readable and belong together."""
    _keys(call).add_pair(call.json_object())
    return Answer(201)


def verify_pair(call: Call) -> Answer:
    """Verify Key Pair: the same check, and nothing is kept."""
    _keys(call).checked(call.json_object())
    return text("Key pair is valid")


def delete_pair(call: Call) -> Answer:
    """Delete Key Pair."""
    if not _keys(call).state.delete_pair(call.args["name"]):
        raise Refused(404, f"Could not find key pair '{call.args['name']}'")
    return text("OK")


def public_key(call: Call) -> Answer:
    """The public key of a repository's primary key pair."""
    call.platform.security.demand(call.caller, "read", call.args["repo"], "")
    return text(_keys(call).public_key_of(call.args["repo"]))


def secondary_key(call: Call) -> Answer:
    """The public key of a repository's secondary key pair."""
    call.platform.security.demand(call.caller, "read", call.args["repo"], "")
    return text(_keys(call).public_key_of(call.args["repo"], secondary=True))


def trusted(call: Call) -> Answer:
    """Get Trusted Keys."""
    return json_answer({"keys": [_trusted(row) for row in _keys(call).state.trusted()]})


def add_trusted(call: Call) -> Answer:
    """Set Trusted Key."""
    return json_answer(_trusted(_keys(call).trust(call.json_object())), 201)


def delete_trusted(call: Call) -> Answer:
    """Delete Trusted Key."""
    if not _keys(call).state.delete_trusted(call.args["kid"]):
        raise Refused(404, f"Could not find trusted key '{call.args['kid']}'")
    return Answer(204)


def certificates(call: Call) -> Answer:
    """Get Certificates."""
    rows = _keys(call).state.certificates()
    return json_answer(
        [
            {
                "certificateAlias": row["alias"],
                "issuedTo": row["issued_to"],
                "issuedBy": row["issued_by"],
                "issuedOn": iso(row["issued"]),
                "validUntil": iso(row["expiry"]),
                "fingerprint": row["fingerprint"],
            }
            for row in rows
        ]
    )


def add_certificate(call: Call) -> Answer:
    """Add Certificate, PEM with its private key; one of the same alias is replaced."""
    _keys(call).add_certificate(call.args["alias"], call.text())
    return json_answer({"status": 200, "message": "The certificates were successfully installed"})


def delete_certificate(call: Call) -> Answer:
    """Delete Certificate."""
    if not _keys(call).state.delete_certificate(call.args["alias"]):
        raise Refused(404, f"Could not find certificate '{call.args['alias']}'")
    return json_answer({"status": 200, "message": "The certificates were successfully deleted"})


def root(call: Call) -> Answer:
    """The root certificate that other sites put among their trusted ones."""
    return text(call.platform.trust.circle.certificate)


def _pair(row: Row) -> dict[str, Any]:
    return {
        "pairName": row["name"],
        "pairType": row["kind"],
        "alias": row["alias"],
        "publicKey": row["public_key"],
        "unavailable": False,
    }


def _trusted(row: Row) -> dict[str, Any]:
    """Both sets of names, as the two clients read different ones."""
    shown: dict[str, Any] = {
        "kid": row["kid"],
        "type": row["kind"],
        "alias": row["alias"],
        "fingerprint": row["fingerprint"],
        "key": row["public_key"],
        "issued_by": row["issued_by"],
        "issuedBy": row["issued_by"],
        "issued_on": iso(row["issued"]),
        "issued": row["issued"],
    }
    if row["expiry"]:
        shown |= {"valid_until": iso(row["expiry"]), "expiry": row["expiry"]}
    return shown


def _keys(call: Call) -> Keys:
    return call.platform.security.key_pairs


ROUTES = (
    Route("GET", PAIRS, "12.5.5", pairs),
    Route("POST", PAIRS, "12.5.5", add_pair),
    Route("POST", f"{PAIRS}/verify", "12.5.5", verify_pair),
    Route("GET", f"{PAIRS}/{{name}}", "12.5.5", pair),
    Route("DELETE", f"{PAIRS}/{{name}}", "12.5.5", delete_pair),
    Route("GET", f"{PAIRS}/public/repositories/{{repo}}", "12.5.5", public_key, Needs.CALLER),
    Route("GET", f"{PAIRS}/public/repositories/{{repo}}/secondary", "12.5.5", secondary_key, Needs.CALLER),
    Route("GET", TRUSTED, "12.5.5", trusted),
    Route("POST", TRUSTED, "12.5.5", add_trusted),
    Route("DELETE", f"{TRUSTED}/{{kid}}", "12.5.5", delete_trusted),
    Route("GET", CERTIFICATES, "12.5.5", certificates),
    Route("POST", f"{CERTIFICATES}/{{alias}}", "12.5.5", add_certificate),
    Route("DELETE", f"{CERTIFICATES}/{{alias}}", "12.5.5", delete_certificate),
    Route("GET", "/access/api/v1/cert/root", "4.3", root),
    Route("GET", "/access/api/v1/cert/ca", "4.3", root),
)
