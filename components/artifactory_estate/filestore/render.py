"""binarystore.xml from the declared filestore."""

from collections.abc import Mapping

from artifactory_estate.base.templates import render
from artifactory_estate.filestore import parameters as names
from artifactory_estate.filestore.chains import chain_of
from artifactory_estate.filestore.model import Filestore
from artifactory_estate.filestore.parameters import Parameters, named, secret, switched_on
from artifactory_estate.filestore.settings import S3 as S3Settings
from artifactory_estate.filestore.settings import Azure, Google
from artifactory_estate.filestore.traits import buckets_of, in_use

SDK_V2_FROM = (7, 125, 4)
"""First version that knows `awsSdkV2` (files reference 1.13)."""
CLIENT_SIDE_KEY_FROM = (7, 31, 10)
"""First version that knows `kmsClientSideEncryptionKeyId` by that name (1.13)."""


def binarystore_xml(filestore: Filestore, *, version: str, bucket: str = "", region: str = "", nodes: int = 1) -> str:
    """The chain with the parameters that were declared; what was not keeps Artifactory's default.

    `version` is Artifactory's, `7.111.4`. `bucket`: the site's default bucket, `region`: the site's, both only for S3;
    `nodes`: that the cluster may have. While binaries are moved it is the former filestore's chain.
    """
    used = in_use(filestore)
    buckets = {shard: _s3(used, version, name, region, shard) for shard, name in buckets_of(used, bucket).items()}
    store: Parameters = buckets.get("", {})
    if used.kind == "google-storage-v2" and used.google:
        store = _google(used.google, used.path)
    elif used.kind == "azure-blob-storage-v2" and used.azure:
        store = _azure(used.azure)
    return render("binarystore.xml.j2", chain=chain_of(used, store, buckets, nodes))


def _s3(filestore: Filestore, version: str, bucket: str, region: str, shard: str) -> Parameters:
    declared, release = filestore.s3, tuple(int(part) for part in version.split("."))
    suffix = ".cn" if region.startswith("cn-") else ""
    sdk = {"awsSdkV2": "false" if declared.sdk == "v1" else "true"} if release >= SDK_V2_FROM else {}
    return {
        "bucketName": bucket,
        "path": filestore.shards[shard].path if shard else filestore.path,
        "region": region,
        "endpoint": declared.endpoint or f"s3.{region}.amazonaws.com{suffix}",
        **_credentials(declared),
        **sdk,
        **named(declared, names.S3),
        **switched_on(declared, names.S3_SWITCHES),
        **_encryption(declared, release),
        **(_optional(declared)),
    }


def _credentials(declared: S3Settings) -> Parameters:
    if declared.identity and declared.credential:
        return {
            "useInstanceCredentials": "false",
            "identity": secret("identity"),
            "credential": secret("credential"),
        }
    return {"useInstanceCredentials": "true"}


def _encryption(declared: S3Settings, release: tuple[int, ...]) -> Parameters:
    if declared.client_side_kms_key is None:
        return {}
    client = release >= CLIENT_SIDE_KEY_FROM
    name = "kmsClientSideEncryptionKeyId" if client else "kmsServerSideEncryptionKeyId"
    return {name: declared.client_side_kms_key}


def _optional(declared: S3Settings) -> Parameters:
    """Proxy, CloudFront and CRT, where declared."""
    told: dict[str, str] = {}
    if proxy := declared.proxy:
        told |= {
            **named(proxy, names.PROXY),
            **({"proxyCredential": secret("proxy-credential")} if proxy.credential else {}),
        }
    if front := declared.cloud_front:
        told |= {**named(front, names.CLOUD_FRONT), "cloudFrontPrivateKey": secret("cloudfront-key")}
    return {**told, **(named(declared.crt, names.CRT) if declared.crt else {})}


def _google(declared: Google, path: str) -> Mapping[str, str]:
    return {
        "useInstanceCredentials": "false" if declared.credentials else "true",
        "path": path,
        **named(declared, names.GOOGLE),
        **switched_on(declared, {"redirect_downloads": "enableSignedUrlRedirect"}),
    }


def _azure(declared: Azure) -> Mapping[str, str]:
    key = {"accountKey": secret("account-key")} if declared.account_key else {"useInstanceCredentials": "true"}
    endpoint = declared.endpoint or f"https://{declared.account}.blob.core.windows.net/"
    return {**named(declared, names.AZURE), "endpoint": endpoint, **key}
