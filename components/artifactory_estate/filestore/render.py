"""binarystore.xml from the declared filestore."""

from collections.abc import Mapping

from artifactory_estate.base.templates import render
from artifactory_estate.filestore.model import Filestore

_SDK_V2_FROM = (7, 125, 4)
"""First version that knows `awsSdkV2` (files reference 1.13)."""

Parameters = Mapping[str, object]


def binarystore_xml(filestore: Filestore, *, version: str, bucket: str = "", region: str = "") -> str:
    """The chain's template with the parameters that were declared; what was not keeps Artifactory's default.

    `version` is Artifactory's, `7.111.4`. `bucket` and `region` are needed by `s3-storage-v3`, which renders the
    template `s3-storage-v3-direct`: an acknowledged upload is in the bucket, never only on a node's disk (1.2, 1.6).
    """
    cache = {"maxCacheSize": filestore.cache} if filestore.cache else {}
    files = {"fileStoreDir": filestore.directory}
    if filestore.kind == "file-system":
        return _xml(1, "file-system", {"file-system": files})
    if filestore.kind == "cache-fs":
        return _xml(1, "cache-fs", {"cache-fs": cache, "file-system": files})
    return _xml(
        2, "s3-storage-v3-direct", {"cache-fs": cache, "s3-storage-v3": _s3(filestore, version, bucket, region)}
    )


def _s3(filestore: Filestore, version: str, bucket: str, region: str) -> Parameters:
    suffix = ".cn" if region.startswith("cn-") else ""
    parameters: dict[str, object] = {
        "bucketName": bucket,
        "path": filestore.path,
        "region": region,
        "endpoint": f"s3.{region}.amazonaws.com{suffix}",
        "useInstanceCredentials": "true",
    }
    if tuple(int(part) for part in version.split(".")) >= _SDK_V2_FROM:
        parameters["awsSdkV2"] = "true"
    return parameters


def _xml(version: int, template: str, providers: Mapping[str, Parameters]) -> str:
    return render("binarystore.xml.j2", version=version, template=template, providers=providers)
