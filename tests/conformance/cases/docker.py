"""Docker and OCI registries: the registry's protocol by the repository path method (12.10.3, 12.3.3)."""

import hashlib
import json
from typing import Any

from tests.conformance.case import ABSENT, Call, Case, exactly, includes, matching

S = "12.10.3"
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
OCI = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG, LAYER, OTHER = '{"config":{"Labels":{"team":"blue"}}}', "a layer of an image", "another layer"


def digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def manifest(media: str = DOCKER, layer: str = LAYER, **more: Any) -> str:
    config = {"mediaType": "application/vnd.oci.image.config.v1+json", "size": len(CONFIG), "digest": digest(CONFIG)}
    layers = [{"mediaType": "application/octet-stream", "size": len(layer), "digest": digest(layer)}]
    return json.dumps({"schemaVersion": 2, "mediaType": media, "config": config, "layers": layers, **more})


PLAIN, ARTIFACT = manifest(), manifest(OCI)
SIGNATURE = manifest(
    OCI,
    artifactType="application/x.signature",
    subject={"mediaType": OCI, "size": len(ARTIFACT), "digest": digest(ARTIFACT)},
)
UNTYPED = manifest(OCI, subject={"mediaType": OCI, "size": 1, "digest": digest("to come")})
"""Refers to what is not there yet, and says by its configuration what it is."""
INDEX_OF_IT = json.dumps(
    {
        "schemaVersion": 2,
        "mediaType": INDEX,
        "artifactType": "application/x.index",
        "manifests": [],
        "subject": {"mediaType": OCI, "size": len(ARTIFACT), "digest": digest(ARTIFACT)},
        "annotations": {"by": "us"},
    }
)
LIST = json.dumps(
    {
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": [{"mediaType": OCI, "size": len(ARTIFACT), "digest": digest(ARTIFACT)}],
    }
)
MAKE = Call("PUT", "/artifactory/api/repositories/$id", {"rclass": "local", "packageType": "docker"})
BEGIN = Call("POST", "/v2/$id/app/blobs/uploads/", "", keep={"place": "header:Docker-Upload-UUID"})
UPLOAD = "/v2/$id/app/blobs/uploads/$place"


def blob(text: str, image: str = "app") -> Call:
    return Call("POST", f"/v2/$id/{image}/blobs/uploads/?digest={digest(text)}", text)


def push(text: str, reference: str, media: str, image: str = "app") -> Call:
    return Call("PUT", f"/v2/$id/{image}/manifests/{reference}", text, headers={"Content-Type": media})


def error(code: str) -> Any:
    return {"errors": includes({"code": code})}


PUSHED = (MAKE, blob(CONFIG), blob(LAYER), push(PLAIN, "1.0", DOCKER))
OCI_PUSHED = (MAKE, blob(CONFIG), blob(LAYER), push(ARTIFACT, "1.0", OCI))
BASE = r"http://127\.0\.0\.1:\d+"
CHALLENGE = {"WWW-Authenticate": matching(rf'^Bearer realm="{BASE}/v2/token",service="127')}
REGISTRY = {"Docker-Distribution-Api-Version": "registry/2.0"}

CASES = (
    Case(S, "the base answers whoever is logged in", Call("GET", "/v2/"), 200, exactly({}), REGISTRY),
    Case(
        S,
        "the base sends nobody to the token endpoint",
        Call("GET", "/v2/", caller="anonymous"),
        401,
        error("UNAUTHORIZED"),
        {**CHALLENGE, **REGISTRY},
    ),
    Case(
        S,
        "wrong credentials are challenged too",
        Call("GET", "/v2/", caller="admin:no"),
        401,
        error("UNAUTHORIZED"),
        CHALLENGE,
    ),
    Case(
        S,
        "each repository has a base of its own",
        Call("GET", "/artifactory/api/docker/$id/v2/", caller="anonymous"),
        401,
        error("UNAUTHORIZED"),
        {"WWW-Authenticate": matching(rf'realm="{BASE}/artifactory/api/docker/$id/v2/token"')},
        before=(MAKE,),
    ),
    Case(
        S,
        "no registry in an unknown repository",
        Call("GET", "/artifactory/api/docker/$id/v2/"),
        404,
        error("NAME_UNKNOWN"),
    ),
    Case(
        S,
        "credentials are exchanged for a token",
        Call("GET", "/v2/token?service=x"),
        200,
        {"token": matching(r"^\S+\."), "expires_in": 3600},
    ),
    Case(
        S,
        "the token opens the registry on any node",
        Call("GET", "/v2/", caller="bearer:$token"),
        200,
        before=(Call("GET", "/v2/token", keep={"token": "token"}),),
    ),
    Case(
        S,
        "no token for wrong credentials",
        Call("GET", "/v2/token", caller="admin:no"),
        401,
        error("UNAUTHORIZED"),
        {"WWW-Authenticate": matching("^Basic ")},
    ),
    Case(S, "no token for nobody", Call("GET", "/v2/token", caller="anonymous"), 401, error("UNAUTHORIZED")),
    Case(
        S,
        "a token by the form of OAuth 2",
        Call(
            "POST",
            "/v2/token",
            "grant_type=password&username=admin&password=password&service=x&client_id=y",
            caller="anonymous",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        ),
        200,
        {"access_token": matching(r"\.")},
    ),
    Case(
        S,
        "no other grant",
        Call("POST", "/v2/token", "grant_type=magic", caller="anonymous"),
        400,
        error("UNSUPPORTED"),
    ),
    Case(
        S,
        "a token's scope names the image",
        Call("GET", "/v2/$id/app/tags/list", caller="anonymous"),
        401,
        None,
        {"WWW-Authenticate": matching('scope="repository:$id/app:pull"')},
        before=(MAKE,),
    ),
    Case(
        S,
        "an upload begins",
        BEGIN,
        202,
        "",
        {"Location": matching(rf"^{BASE}/v2/$id/app/blobs/uploads/[0-9a-f-]+$"), "Range": "0-0"},
        before=(MAKE,),
    ),
    Case(
        S,
        "a chunk is taken and counted by the other node",
        Call("GET", UPLOAD),
        204,
        None,
        {"Range": "0-9"},
        before=(MAKE, BEGIN, Call("PATCH", UPLOAD, "0123456789", headers={"Content-Range": "0-9"})),
    ),
    Case(
        S,
        "a chunk out of order is refused with what is there",
        Call("PATCH", UPLOAD, "more", headers={"Content-Range": "20-23"}),
        416,
        error("BLOB_UPLOAD_INVALID"),
        {"Range": "0-9"},
        before=(MAKE, BEGIN, Call("PATCH", UPLOAD, "0123456789", headers={"Content-Range": "0-9"})),
    ),
    Case(
        S,
        "chunks make one blob",
        Call("PUT", f"{UPLOAD}?digest={digest(LAYER)}", LAYER[7:]),
        201,
        None,
        {"Docker-Content-Digest": digest(LAYER), "Location": matching("/v2/$id/app/blobs/sha256:")},
        before=(MAKE, BEGIN, Call("PATCH", UPLOAD, LAYER[:3]), Call("PATCH", UPLOAD, LAYER[3:7])),
    ),
    Case(
        S,
        "a wrong digest ends the upload",
        Call("PUT", f"{UPLOAD}?digest={digest('else')}", LAYER),
        400,
        error("DIGEST_INVALID"),
        before=(MAKE, BEGIN),
    ),
    Case(
        S,
        "an upload that was cancelled is gone",
        Call("GET", UPLOAD),
        404,
        error("BLOB_UPLOAD_UNKNOWN"),
        before=(MAKE, BEGIN, Call("DELETE", UPLOAD)),
    ),
    Case(S, "a blob in one go", blob(LAYER), 201, None, {"Docker-Content-Digest": digest(LAYER)}, before=(MAKE,)),
    Case(
        S,
        "a blob in one go with a wrong digest",
        Call("POST", f"/v2/$id/app/blobs/uploads/?digest={digest('x')}", "y"),
        400,
        error("DIGEST_INVALID"),
        before=(MAKE,),
    ),
    Case(
        S,
        "a blob comes back",
        Call("GET", f"/v2/$id/app/blobs/{digest(LAYER)}"),
        200,
        LAYER,
        {"Docker-Content-Digest": digest(LAYER), "Content-Type": "application/octet-stream"},
        before=(MAKE, blob(LAYER)),
    ),
    Case(
        S,
        "a part of a blob",
        Call("GET", f"/v2/$id/app/blobs/{digest(LAYER)}", headers={"Range": "bytes=2-6"}),
        206,
        LAYER[2:7],
        {"Content-Range": f"bytes 2-6/{len(LAYER)}"},
        before=(MAKE, blob(LAYER)),
    ),
    Case(
        S,
        "the size of a blob",
        Call("HEAD", f"/v2/$id/app/blobs/{digest(LAYER)}"),
        200,
        "",
        {"Content-Length": str(len(LAYER))},
        before=(MAKE, blob(LAYER)),
    ),
    Case(
        S,
        "a blob of another image is unknown",
        Call("HEAD", f"/v2/$id/two/blobs/{digest(LAYER)}"),
        404,
        before=(MAKE, blob(LAYER)),
    ),
    Case(
        S,
        "an unknown blob",
        Call("GET", f"/v2/$id/app/blobs/{digest('none')}"),
        404,
        error("BLOB_UNKNOWN"),
        before=(MAKE,),
    ),
    Case(
        S,
        "a malformed digest",
        Call("GET", "/v2/$id/app/blobs/sha256:12"),
        400,
        error("DIGEST_INVALID"),
        before=(MAKE,),
    ),
    Case(S, "a blob is removed", Call("DELETE", f"/v2/$id/app/blobs/{digest(LAYER)}"), 202, before=(MAKE, blob(LAYER))),
    Case(
        S,
        "a mount takes a blob over",
        Call("POST", f"/v2/$id/two/blobs/uploads/?mount={digest(LAYER)}&from=$id/app", ""),
        201,
        None,
        {"Location": matching(rf"^{BASE}/v2/$id/two/blobs/{digest(LAYER)}$")},
        before=(MAKE, blob(LAYER)),
    ),
    Case(
        S,
        "a mount of nothing becomes an upload",
        Call("POST", f"/v2/$id/two/blobs/uploads/?mount={digest(LAYER)}&from=$id/app", ""),
        202,
        before=(MAKE,),
    ),
    Case(
        S,
        "a manifest is taken",
        push(PLAIN, "1.0", DOCKER),
        201,
        None,
        {
            "Docker-Content-Digest": digest(PLAIN),
            "Location": matching(rf"^{BASE}/v2/$id/app/manifests/{digest(PLAIN)}$"),
        },
        before=PUSHED[:3],
    ),
    Case(
        S,
        "a manifest comes back as it was",
        Call("GET", "/v2/$id/app/manifests/1.0"),
        200,
        PLAIN,
        {"Content-Type": DOCKER, "Docker-Content-Digest": digest(PLAIN)},
        before=PUSHED,
    ),
    Case(
        S,
        "a manifest by its digest",
        Call("HEAD", f"/v2/$id/app/manifests/{digest(PLAIN)}"),
        200,
        "",
        {"Content-Type": DOCKER, "Content-Length": str(len(PLAIN)), "X-Artifactory-Docker-Registry": "$id"},
        before=PUSHED,
    ),
    Case(
        S,
        "an OCI manifest keeps its kind",
        Call("GET", "/v2/$id/app/manifests/1.0"),
        200,
        ARTIFACT,
        {"Content-Type": OCI},
        before=OCI_PUSHED,
    ),
    Case(S, "an unknown tag", Call("GET", "/v2/$id/app/manifests/2.0"), 404, error("MANIFEST_UNKNOWN"), before=PUSHED),
    Case(
        S,
        "a manifest without its blobs",
        push(PLAIN, "1.0", DOCKER),
        400,
        error("MANIFEST_BLOB_UNKNOWN"),
        before=(MAKE, blob(CONFIG)),
    ),
    Case(S, "a manifest that is none", push("{", "1.0", DOCKER), 400, error("MANIFEST_INVALID"), before=(MAKE,)),
    Case(
        S,
        "a manifest under a digest that is not its own",
        push(PLAIN, digest("x"), DOCKER),
        400,
        error("DIGEST_INVALID"),
        before=PUSHED[:3],
    ),
    Case(S, "a manifest under no tag", push(PLAIN, ".no", DOCKER), 400, error("TAG_INVALID"), before=PUSHED[:3]),
    Case(
        S, "an image with no name", push(PLAIN, "1.0", DOCKER, image="App"), 400, error("NAME_INVALID"), before=(MAKE,)
    ),
    Case(
        S,
        "a list of manifests",
        Call("GET", "/v2/$id/app/manifests/all"),
        200,
        LIST,
        {"Content-Type": INDEX},
        before=(*OCI_PUSHED, push(LIST, "all", INDEX)),
    ),
    Case(
        S, "a list of what is not there", push(LIST, "all", INDEX), 400, error("MANIFEST_BLOB_UNKNOWN"), before=(MAKE,)
    ),
    Case(
        "6.2",
        "a tag is a folder",
        Call("GET", "/artifactory/api/storage/$id/app/1.0"),
        200,
        {
            "children": includes(
                {"uri": "/manifest.json", "folder": False},
                {"uri": f"/{digest(LAYER).replace(':', '__')}", "folder": False},
            )
        },
        before=PUSHED,
    ),
    Case(
        "6.2",
        "a manifest's properties",
        Call("GET", "/artifactory/api/storage/$id/app/1.0/manifest.json?properties"),
        200,
        {
            "properties": {
                "docker.manifest": ["1.0"],
                "docker.repoName": ["app"],
                "docker.manifest.digest": [digest(PLAIN)],
                "docker.manifest.type": [DOCKER],
                "docker.label.team": ["blue"],
                "sha256": [digest(PLAIN).removeprefix("sha256:")],
            }
        },
        before=PUSHED,
    ),
    Case(
        S,
        "tags, sorted",
        Call("GET", "/v2/$id/app/tags/list"),
        200,
        exactly({"name": "$id/app", "tags": ["1.0", "a", "b"]}),
        before=(*PUSHED, push(PLAIN, "b", DOCKER), push(PLAIN, "a", DOCKER)),
    ),
    Case(
        S,
        "tags by pages",
        Call("GET", "/v2/$id/app/tags/list?n=1&last=1.0"),
        200,
        {"tags": ["a"]},
        {"Link": '</v2/$id/app/tags/list?n=1&last=a>; rel="next"'},
        before=(*PUSHED, push(PLAIN, "b", DOCKER), push(PLAIN, "a", DOCKER)),
    ),
    Case(
        S,
        "no page without a number",
        Call("GET", "/v2/$id/app/tags/list?n=x"),
        400,
        error("PAGINATION_NUMBER_INVALID"),
        before=PUSHED,
    ),
    Case(
        S, "tags of an unknown image", Call("GET", "/v2/$id/none/tags/list"), 404, error("NAME_UNKNOWN"), before=(MAKE,)
    ),
    Case(
        S,
        "Artifactory's own list of tags",
        Call("GET", "/artifactory/api/docker/$id/v2/app/tags/list"),
        200,
        {"name": "app", "tags": ["1.0"]},
        before=PUSHED,
    ),
    Case(
        S,
        "Artifactory's own catalog",
        Call("GET", "/artifactory/api/docker/$id/v2/_catalog"),
        200,
        exactly({"repositories": ["app"]}),
        before=PUSHED,
    ),
    Case(
        S,
        "the catalog names the repository",
        Call("GET", "/v2/_catalog?n=10000"),
        200,
        {"repositories": includes("$id/app")},
        before=PUSHED,
    ),
    Case(S, "a tag is removed", Call("DELETE", "/v2/$id/app/manifests/1.0"), 202, before=PUSHED),
    Case(
        S,
        "a removed tag is unknown",
        Call("GET", "/v2/$id/app/manifests/1.0"),
        404,
        error("MANIFEST_UNKNOWN"),
        before=(*PUSHED, Call("DELETE", f"/v2/$id/app/manifests/{digest(PLAIN)}")),
    ),
    Case(
        S,
        "an unknown manifest is not removed",
        Call("DELETE", "/v2/$id/app/manifests/9"),
        404,
        error("MANIFEST_UNKNOWN"),
        before=PUSHED,
    ),
    Case(
        S,
        "a manifest with a subject",
        push(SIGNATURE, digest(SIGNATURE), OCI),
        201,
        None,
        {"OCI-Subject": digest(ARTIFACT)},
        before=OCI_PUSHED,
    ),
    Case(
        S,
        "who refers to a manifest",
        Call("GET", f"/v2/$id/app/referrers/{digest(ARTIFACT)}"),
        200,
        {
            "mediaType": INDEX,
            "manifests": [
                {"digest": digest(SIGNATURE), "artifactType": "application/x.signature", "size": len(SIGNATURE)}
            ],
        },
        {"Content-Type": INDEX, "OCI-Filters-Applied": ABSENT},
        before=(*OCI_PUSHED, push(SIGNATURE, digest(SIGNATURE), OCI)),
    ),
    Case(
        S,
        "only one kind of those",
        Call("GET", f"/v2/$id/app/referrers/{digest(ARTIFACT)}?artifactType=other"),
        200,
        {"manifests": []},
        {"OCI-Filters-Applied": "artifactType"},
        before=(*OCI_PUSHED, push(SIGNATURE, digest(SIGNATURE), OCI)),
    ),
    Case(
        S,
        "a manifest may come before what it refers to, and is known by the type of its configuration",
        Call(
            "GET",
            f"/v2/$id/app/referrers/{digest('to come')}?artifactType=application/vnd.oci.image.config.v1%2Bjson",
        ),
        200,
        {"manifests": [{"digest": digest(UNTYPED), "artifactType": "application/vnd.oci.image.config.v1+json"}]},
        {"OCI-Filters-Applied": "artifactType"},
        before=(MAKE, blob(CONFIG), blob(LAYER), push(UNTYPED, digest(UNTYPED), OCI)),
    ),
    Case(
        S,
        "an index refers to a manifest too, and its annotations are told",
        Call("GET", f"/v2/$id/app/referrers/{digest(ARTIFACT)}"),
        200,
        {"manifests": [{"mediaType": INDEX, "artifactType": "application/x.index", "annotations": {"by": "us"}}]},
        before=(*OCI_PUSHED, push(INDEX_OF_IT, "index", INDEX)),
    ),
    Case(
        S,
        "what refers to a manifest and is removed is told no more",
        Call("GET", f"/v2/$id/app/referrers/{digest(ARTIFACT)}"),
        200,
        {"manifests": []},
        before=(
            *(*OCI_PUSHED, push(SIGNATURE, digest(SIGNATURE), OCI)),
            Call("DELETE", f"/v2/$id/app/manifests/{digest(SIGNATURE)}"),
        ),
    ),
    Case(
        S,
        "a digest that is none has no referrers",
        Call("GET", "/v2/$id/app/referrers/none"),
        400,
        error("DIGEST_INVALID"),
        before=OCI_PUSHED,
    ),
    Case(
        S,
        "a tag is 128 characters long at the most",
        push(ARTIFACT, "t" * 129, OCI),
        400,
        {"errors": includes({})},
        before=OCI_PUSHED,
    ),
    Case(
        S,
        "no tags are asked for",
        Call("GET", "/v2/$id/app/tags/list?n=0"),
        200,
        {"name": "$id/app", "tags": []},
        before=OCI_PUSHED,
    ),
    Case(
        S,
        "nobody refers to a manifest",
        Call("GET", f"/v2/$id/app/referrers/{digest('none')}"),
        200,
        {"manifests": []},
        before=OCI_PUSHED,
    ),
    Case(
        S,
        "who may not read is denied",
        Call("GET", "/v2/$id/app/manifests/1.0", caller="somebody"),
        403,
        error("DENIED"),
        before=PUSHED,
    ),
    Case(
        S,
        "who may not write is denied",
        Call("POST", "/v2/$id/app/blobs/uploads/", "", caller="somebody"),
        403,
        error("DENIED"),
        before=(MAKE,),
    ),
    Case(
        S,
        "who may not delete is denied",
        Call("DELETE", "/v2/$id/app/manifests/1.0", caller="somebody"),
        403,
        error("DENIED"),
        before=PUSHED,
    ),
    Case(
        S,
        "a method that a place does not have",
        Call("PUT", "/v2/$id/app/tags/list", ""),
        405,
        error("UNSUPPORTED"),
        before=(MAKE,),
    ),
    Case(
        S,
        "a promotion",
        Call(
            "POST",
            "/artifactory/api/docker/$id/v2/promote",
            {"targetRepo": "$id-b", "dockerRepository": "app", "tag": "1.0", "targetTag": "final", "copy": True},
        ),
        200,
        "Promotion ended successfully",
        before=(
            *PUSHED,
            Call("PUT", "/artifactory/api/repositories/$id-b", {"rclass": "local", "packageType": "docker"}),
        ),
    ),
    Case(
        S,
        "what was promoted without a copy has moved",
        Call("GET", "/v2/$id/app/manifests/1.0"),
        404,
        error("MANIFEST_UNKNOWN"),
        before=(
            *PUSHED,
            Call("PUT", "/artifactory/api/repositories/$id-b", {"rclass": "local", "packageType": "docker"}),
            Call(
                "POST",
                "/artifactory/api/docker/$id/v2/promote",
                {"targetRepo": "$id-b", "dockerRepository": "app", "tag": "1.0"},
            ),
            Call("GET", "/v2/$id-b/app/manifests/1.0"),
        ),
    ),
    Case(
        S,
        "a promotion of an unknown tag",
        Call(
            "POST",
            "/artifactory/api/docker/$id/v2/promote",
            {"targetRepo": "$id", "dockerRepository": "app", "tag": "9"},
        ),
        404,
        before=PUSHED,
    ),
    Case(
        "12.3.3",
        "only so many tags as the repository keeps",
        Call("GET", "/v2/$id/app/tags/list"),
        200,
        {"tags": ["a", "b"]},
        before=(
            Call(
                "PUT",
                "/artifactory/api/repositories/$id",
                {"rclass": "local", "packageType": "docker", "maxUniqueTags": 2},
            ),
            *PUSHED[1:],
            push(PLAIN, "a", DOCKER),
            push(PLAIN, "b", DOCKER),
        ),
    ),
    Case(
        "12.3.5",
        "a virtual repository gives and takes",
        Call("GET", "/v2/$id-v/app/manifests/1.0"),
        200,
        PLAIN,
        {"Docker-Content-Digest": digest(PLAIN)},
        before=(
            MAKE,
            Call(
                "PUT",
                "/artifactory/api/repositories/$id-v",
                {"rclass": "virtual", "packageType": "docker", "repositories": ["$id"], "defaultDeploymentRepo": "$id"},
            ),
            Call("POST", f"/v2/$id-v/app/blobs/uploads/?digest={digest(CONFIG)}", CONFIG),
            Call("POST", f"/v2/$id-v/app/blobs/uploads/?digest={digest(LAYER)}", LAYER),
            Call("PUT", "/v2/$id-v/app/manifests/1.0", PLAIN, headers={"Content-Type": DOCKER}),
        ),
    ),
    Case(
        "0.3",
        "generated addresses follow the proxy's override",
        Call(
            "POST", "/v2/$id/app/blobs/uploads/", "", headers={"X-JFrog-Override-Base-Url": "https://art.acme.example"}
        ),
        202,
        None,
        {"Location": matching(r"^https://art\.acme\.example/v2/$id/app/blobs/uploads/")},
        before=(MAKE,),
    ),
)
