"""The registry's second algorithm, mounts that name no source, tags beside a digest (12.10.3)."""

import hashlib

from tests.conformance.case import Call, Case, includes, matching
from tests.conformance.cases.docker import (
    BASE,
    BEGIN,
    CONFIG,
    LAYER,
    MAKE,
    OCI,
    OCI_PUSHED,
    UPLOAD,
    S,
    blob,
    digest,
    error,
    manifest,
    push,
)

WIDE = f"sha512:{hashlib.sha512(LAYER.encode()).hexdigest()}"
NOTHING = f"sha512:{'0' * 128}"
OF_WIDE = manifest(OCI).replace(digest(LAYER), WIDE)
WIDE_ITSELF = f"sha512:{hashlib.sha512(OF_WIDE.encode()).hexdigest()}"
UPLOADED = (MAKE, Call("POST", f"/v2/$id/app/blobs/uploads/?digest={WIDE}", LAYER))
OF_WIDE_PUSHED = (*UPLOADED, blob(CONFIG), push(OF_WIDE, WIDE_ITSELF, OCI))

CASES = (
    Case(
        S,
        "a blob by SHA-512",
        UPLOADED[1],
        201,
        None,
        {"Docker-Content-Digest": WIDE, "Location": matching(rf"^{BASE}/v2/$id/app/blobs/{WIDE}$")},
        before=(MAKE,),
    ),
    Case(
        S,
        "an upload that ends with SHA-512",
        Call("PUT", f"{UPLOAD}?digest={WIDE}", LAYER),
        201,
        None,
        {"Docker-Content-Digest": WIDE},
        before=(MAKE, BEGIN),
    ),
    Case(
        S,
        "a blob is found by SHA-512",
        Call("GET", f"/v2/$id/app/blobs/{WIDE}"),
        200,
        LAYER,
        {"Docker-Content-Digest": WIDE},
        before=UPLOADED,
    ),
    Case(
        S,
        "the same blob is found by SHA-256",
        Call("GET", f"/v2/$id/app/blobs/{digest(LAYER)}"),
        200,
        LAYER,
        {"Docker-Content-Digest": digest(LAYER)},
        before=UPLOADED,
    ),
    Case(
        S,
        "a blob is removed by SHA-512",
        Call("DELETE", f"/v2/$id/app/blobs/{WIDE}"),
        202,
        before=UPLOADED,
    ),
    Case(
        S,
        "no blob by SHA-512",
        Call("GET", f"/v2/$id/app/blobs/{NOTHING}"),
        404,
        error("BLOB_UNKNOWN"),
        before=UPLOADED,
    ),
    Case(
        S,
        "a wrong SHA-512",
        Call("POST", f"/v2/$id/app/blobs/uploads/?digest={NOTHING}", LAYER),
        400,
        error("DIGEST_INVALID"),
        before=(MAKE,),
    ),
    Case(
        S,
        "a manifest by SHA-512 of what is named by SHA-512",
        OF_WIDE_PUSHED[-1],
        201,
        None,
        {"Docker-Content-Digest": WIDE_ITSELF},
        before=OF_WIDE_PUSHED[:-1],
    ),
    Case(
        S,
        "a manifest is found by SHA-512",
        Call("GET", f"/v2/$id/app/manifests/{WIDE_ITSELF}"),
        200,
        None,
        {"Docker-Content-Digest": WIDE_ITSELF, "Content-Type": OCI},
        before=OF_WIDE_PUSHED,
    ),
    Case(
        S,
        "a manifest of a blob whose SHA-512 nothing has",
        push(OF_WIDE.replace(WIDE, NOTHING), "1.0", OCI),
        400,
        error("MANIFEST_BLOB_UNKNOWN"),
        before=OF_WIDE_PUSHED,
    ),
    Case(
        S,
        "a mount without a source takes a blob of the repository over",
        Call("POST", f"/v2/$id/two/blobs/uploads/?mount={digest(LAYER)}", ""),
        201,
        None,
        {"Location": matching(rf"^{BASE}/v2/$id/two/blobs/{digest(LAYER)}$")},
        before=(MAKE, blob(LAYER)),
    ),
    Case(
        S,
        "a mount without a source of nothing becomes an upload",
        Call("POST", f"/v2/$id/two/blobs/uploads/?mount={digest('a blob that nobody has')}", ""),
        202,
        before=(MAKE,),
    ),
    Case(
        S,
        "tags beside a digest",
        push(manifest(OCI), f"{digest(manifest(OCI))}?tag=two&tag=three", OCI),
        201,
        None,
        {"OCI-Tag": "two, three"},
        before=OCI_PUSHED,
    ),
    Case(
        S,
        "tags beside a digest are there",
        Call("GET", "/v2/$id/app/tags/list"),
        200,
        {"tags": includes("two")},
        before=(*OCI_PUSHED, push(manifest(OCI), f"{digest(manifest(OCI))}?tag=two&tag=three", OCI)),
    ),
    Case(
        S,
        "no tag beside a digest",
        push(manifest(OCI), f"{digest(manifest(OCI))}?tag=.no", OCI),
        400,
        error("TAG_INVALID"),
        before=OCI_PUSHED,
    ),
)
