"""Key pairs, trusted keys, certificates (12.5.5)."""

from tests.conformance.calls.security import (
    CERTIFICATES,
    FINGERPRINT,
    GPG,
    GPG_COLONS,
    KEYPAIRS,
    PEM,
    RSA,
    TEXT,
    TRUSTED,
)
from tests.conformance.case import ABSENT, ANY, Call, Case, exactly, includes, matching
from tests.support.keys import GPG_PUBLIC, rsa_pair

CASES: tuple[Case, ...] = (
    Case("12.5.5", "an RSA pair", Call("POST", f"{KEYPAIRS}/", RSA), 201),
    Case("12.5.5", "a GPG pair", Call("POST", KEYPAIRS, GPG), 201),
    Case(
        "12.5.5",
        "a pair that is there",
        Call("POST", KEYPAIRS, RSA),
        409,
        {"errors": ANY},
        before=(Call("POST", KEYPAIRS, RSA),),
    ),
    Case("12.5.5", "a wrong passphrase", Call("POST", KEYPAIRS, {**GPG, "passphrase": "wrong"}), 400, {"errors": ANY}),
    Case("12.5.5", "halves of two pairs", Call("POST", KEYPAIRS, {**RSA, "publicKey": rsa_pair("", 1)[0]}), 400),
    Case("12.5.5", "no key", Call("POST", KEYPAIRS, {**RSA, "privateKey": "nonsense"}), 400, {"errors": ANY}),
    Case("12.5.5", "an unknown type", Call("POST", KEYPAIRS, {**RSA, "pairType": "DSA"}), 400, {"errors": ANY}),
    Case(
        "12.5.5",
        "get never shows what is secret",
        Call("GET", f"{KEYPAIRS}/$id"),
        200,
        {
            "pairName": "$id",
            "pairType": "GPG",
            "alias": "$id-a",
            "publicKey": GPG_PUBLIC,
            "privateKey": ABSENT,
            "passphrase": ABSENT,
        },
        before=(Call("POST", KEYPAIRS, GPG),),
    ),
    Case("12.5.5", "get of none", Call("GET", f"{KEYPAIRS}/$id"), 404, {"errors": ANY}),
    Case("12.5.5", "delete", Call("DELETE", f"{KEYPAIRS}/$id"), 200, before=(Call("POST", KEYPAIRS, RSA),)),
    Case("12.5.5", "delete of none", Call("DELETE", f"{KEYPAIRS}/$id"), 404, {"errors": ANY}),
    Case(
        "12.5.5",
        "a trusted key",
        Call("POST", TRUSTED, {"alias": "$id", "key": rsa_pair("", 2)[0]}),
        201,
        {"kid": ANY, "alias": "$id", "fingerprint": ANY, "key": rsa_pair("", 2)[0]},
    ),
    Case("12.5.5", "no key to trust", Call("POST", TRUSTED, {"alias": "$id", "key": "nonsense"}), 400, {"errors": ANY}),
    Case(
        "12.5.5",
        "trusted keys carry both sets of names",
        Call("GET", TRUSTED),
        200,
        {
            "keys": includes(
                {
                    "kid": "$kid",
                    "alias": "$id",
                    "type": "PGP",
                    "fingerprint": GPG_COLONS,
                    "issued_by": matching("signer@acme.example"),
                    "issuedBy": matching("signer@acme.example"),
                    "issued_on": ANY,
                    "issued": ANY,
                    "valid_until": ANY,
                    "expiry": ANY,
                }
            )
        },
        before=(Call("POST", TRUSTED, {"alias": "$id", "key": GPG_PUBLIC}, keep={"kid": "kid"}),),
    ),
    Case(
        "12.5.5",
        "delete of a trusted key",
        Call("DELETE", f"{TRUSTED}/$kid"),
        204,
        before=(Call("POST", TRUSTED, {"alias": "$id", "key": rsa_pair("", 3)[0]}, keep={"kid": "kid"}),),
    ),
    Case("12.5.5", "delete of an unknown one", Call("DELETE", f"{TRUSTED}/$id"), 404, {"errors": ANY}),
    Case("12.5.5", "a certificate", Call("POST", f"{CERTIFICATES}/$id", PEM, headers=TEXT), 200),
    Case(
        "12.5.5", "no certificate", Call("POST", f"{CERTIFICATES}/$id", "nonsense", headers=TEXT), 400, {"errors": ANY}
    ),
    Case(
        "12.5.5",
        "a certificate without its key",
        Call("POST", f"{CERTIFICATES}/$id", PEM.partition("-----BEGIN PRIVATE")[0], headers=TEXT),
        400,
        {"errors": ANY},
    ),
    Case(
        "12.5.5",
        "the list of certificates",
        Call("GET", f"{CERTIFICATES}/"),
        200,
        includes(
            exactly(
                {
                    "certificateAlias": "$id",
                    "issuedTo": "client.acme.example",
                    "issuedBy": "client.acme.example",
                    "issuedOn": matching("^20"),
                    "validUntil": matching("^20"),
                    "fingerprint": FINGERPRINT,
                }
            )
        ),
        before=(Call("POST", f"{CERTIFICATES}/$id", PEM, headers=TEXT),),
    ),
    Case(
        "12.5.5",
        "delete of a certificate",
        Call("DELETE", f"{CERTIFICATES}/$id"),
        200,
        before=(Call("POST", f"{CERTIFICATES}/$id", PEM, headers=TEXT),),
    ),
    Case("4.3", "the root certificate", Call("GET", "/access/api/v1/cert/root"), 200, matching("BEGIN CERTIFICATE")),
    Case("4.3", "the certificate authority", Call("GET", "/access/api/v1/cert/ca"), 200, matching("BEGIN CERTIFICATE")),
)
