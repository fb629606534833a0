"""What may not be said of an object store (files reference 1.6, 1.13 to 1.15)."""

from collections.abc import Iterator

from artifactory_estate.base import DocumentPath, Refusal, size_text
from artifactory_estate.estate.model import Estate
from artifactory_estate.filestore.model import Filestore
from artifactory_estate.filestore.render import CLIENT_SIDE_KEY_FROM, SDK_V2_FROM
from artifactory_estate.filestore.settings import S3, Eventual
from artifactory_estate.filestore.traits import is_made_elsewhere, mode_of
from artifactory_estate.site.model import ManagedSite

_MIB = 1 << 20
_PARTS_MAX = 10_000
_CLIENT_SIDE_V2_FROM = (7, 146, 29)
_ONLY_V2 = (
    "connection_acquisition_timeout",
    "encryption_format",
    "disable_checksum_validation",
    "blocking_data_read_threads",
    "crt",
)
_SINCE = {"azure.account_key": (7, 125, 4), "azure.sas_start_time_offset": (7, 161, 16)}
Release = tuple[int, ...]


def refusals(estate: Estate, name: str, site: ManagedSite, path: DocumentPath) -> Iterator[Refusal]:
    """Of S3, Google, Azure, and of uploads that are sent later."""
    filestore, chosen = site.filestore, estate.artifactory_of(name)
    release = chosen.release if chosen else (99, 0, 0)
    if filestore.kind in {"s3-storage-v3", "s3-sharding"}:
        yield from _endpoint(site, path)
        yield from _parts(filestore, path)
        yield from _sdk(filestore.s3, release, (*path, "s3"))
        yield from _redirects(filestore, path)
        yield from _since(filestore.s3, release, (*path, "s3"))
    for key, kind in (("google", "google-storage-v2"), ("azure", "azure-blob-storage-v2")):
        if filestore.kind == kind and getattr(filestore, key) is None:
            yield Refusal((*path, key), "missing", f"files reference 1.15: {kind} names its place there")
    yield from _azure(filestore, release, path)
    yield from _eventual(filestore.eventual, mode_of(filestore), path)
    if filestore.checksum_replication is not None and release < (7, 55, 2):
        why = "files reference 3.3: 7.55.2 and newer"
        yield Refusal((*path, "checksum_replication"), f"with {_text(release)}", why)


def _endpoint(site: ManagedSite, path: DocumentPath) -> Iterator[Refusal]:
    """A matching regional endpoint on AWS, with the nodes' role; own credentials elsewhere (1.13)."""
    filestore, s3, place = site.filestore, site.filestore.s3, (*path, "s3")
    region, elsewhere = site.aws.region, is_made_elsewhere(site.filestore)
    if s3.endpoint and not elsewhere and region not in s3.endpoint.split("."):
        why = f"files reference 1.13: the endpoint of the bucket's region, {region}"
        yield Refusal((*place, "endpoint"), s3.endpoint, why, "Leave it out.")
    for key in ("identity", "credential"):
        given = getattr(s3, key) is not None
        if elsewhere and not given:
            why = f"files reference 1.13: the nodes' role is nobody at {s3.endpoint}"
            yield Refusal((*place, key), "missing", why, "Give identity and credential by reference.")
        elif given and not elsewhere:
            why = "files reference 1.13: leave out static keys where the nodes' role is used"
            yield Refusal((*place, key), "a static key, for a bucket on AWS", why, "Remove it.")
    for key, word in (("use_http", "plain HTTP"), ("path_style", "path-style URLs")):
        if getattr(s3, key) and not elsewhere:
            why = "our bucket's policy denies plain HTTP" if key == "use_http" else "AWS wants the bucket in the host"
            yield Refusal((*place, key), f"{word}, for a bucket on AWS", f"files reference 1.13, 7.3: {why}")
    if elsewhere and filestore.kind == "s3-storage-v3" and filestore.bucket.name is None:
        why = f"a bucket at {s3.endpoint} is not made by us (files reference 1.13)"
        yield Refusal((*path, "bucket", "name"), "missing", why)
    if elsewhere and filestore.bucket.replicate_to:
        yield Refusal(
            (*path, "bucket", "replicate_to"),
            "a bucket that is not ours",
            f"{s3.endpoint} is not AWS (files reference 7.3)",
        )


def _parts(filestore: Filestore, path: DocumentPath) -> Iterator[Refusal]:
    """S3: parts of 5 MiB to 5 GiB, at most 10000 (1.13)."""
    part, largest, place = filestore.s3.multipart_element_size, filestore.largest_artifact, (*path, "s3")
    if part is not None and not 5 * _MIB <= part <= 5120 * _MIB:
        why = "files reference 1.13: a part has 5 MiB to 5 GiB"
        yield Refusal((*place, "multipart_element_size"), size_text(part), why)
    elif part and largest and largest > part * _PARTS_MAX:
        why = f"files reference 1.13: at most {_PARTS_MAX} parts, and the largest artifact has {size_text(largest)}"
        yield Refusal((*place, "multipart_element_size"), size_text(part), why)
    limit = filestore.s3.multipart_limit
    if limit is not None and not 5 * _MIB <= limit <= 5120 * _MIB:
        why = "files reference 1.13: what is not sent in parts has at most 5 GiB, and parts at least 5 MiB"
        yield Refusal((*place, "multipart_limit"), size_text(limit), why)


def _sdk(s3: S3, release: Release, place: DocumentPath) -> Iterator[Refusal]:
    """Which SDK knows which parameter (1.13)."""
    second = s3.sdk != "v1" and release >= SDK_V2_FROM
    if s3.sdk and release < SDK_V2_FROM:
        yield Refusal((*place, "sdk"), f"given, with {_text(release)}", "files reference 1.13: exists from 7.125.4 on")
    if s3.presigning and second:
        why = "files reference 1.13: SDK v2 ignores usePresigning"
        yield Refusal((*place, "presigning"), "with SDK v2", why, "Write sdk: v1, or leave presigning out.")
    if s3.client_side_kms_key and second and release < _CLIENT_SIDE_V2_FROM:
        why = f"files reference 1.13: not with SDK v2 before {_text(_CLIENT_SIDE_V2_FROM)}"
        yield Refusal((*place, "client_side_kms_key"), f"with SDK v2 of {_text(release)}", why, "Write sdk: v1.")
    if s3.kms_crypto_mode and second:
        why = "files reference 1.13: of the v1 encryption client"
        yield Refusal((*place, "kms_crypto_mode"), "with SDK v2", why, "Write encryption_format.")
    for key in _ONLY_V2:
        if getattr(s3, key) is not None and not second:
            yield Refusal((*place, key), "with SDK v1", "files reference 1.13: of SDK v2 (7.125.4 and newer)")
    if s3.signature_expiry is not None and not s3.presigning:
        yield Refusal(
            (*place, "signature_expiry"), "without presigning", "files reference 1.13: the life of presigned operations"
        )


def _redirects(filestore: Filestore, path: DocumentPath) -> Iterator[Refusal]:
    s3, place = filestore.s3, (*path, "s3")
    for key in ("redirect_expiry", "cloud_front"):
        if getattr(s3, key) is not None and not s3.redirect_downloads:
            yield Refusal((*place, key), "without redirect_downloads", "files reference 1.13: it signs the redirects")
    if filestore.kind == "s3-sharding" and s3.presigning:
        why = "files reference 1.10: presigning is not supported"
        yield Refusal((*place, "presigning"), "with kind: s3-sharding", why)
    if s3.proxy and (s3.proxy.identity is None) != (s3.proxy.credential is None):
        why = "files reference 1.13: a user with a password, or neither"
        yield Refusal((*place, "proxy"), "one of identity and credential", why)


def _since(s3: S3, release: Release, place: DocumentPath) -> Iterator[Refusal]:
    if s3.proxy and s3.proxy.non_proxy_host and release < (7, 77, 6):
        why = "files reference 1.13: 7.77.6 and newer"
        yield Refusal((*place, "proxy", "non_proxy_host"), f"with {_text(release)}", why)
    if s3.client_side_kms_key and s3.server_side_kms_key and release < CLIENT_SIDE_KEY_FROM:
        why = "files reference 1.13: before 7.31.10 one name stood for both"
        yield Refusal((*place, "client_side_kms_key"), "beside server_side_kms_key", why)


def _azure(filestore: Filestore, release: Release, path: DocumentPath) -> Iterator[Refusal]:
    azure, place = filestore.azure, (*path, "azure")
    if filestore.kind != "azure-blob-storage-v2" or azure is None:
        return
    if azure.account_key is None and release < _SINCE["azure.account_key"]:
        why = f"files reference 1.15: an identity of the nodes from {_text(_SINCE['azure.account_key'])} on"
        yield Refusal((*place, "account_key"), f"missing, with {_text(release)}", why)
    if azure.sas_start_time_offset is not None and release < _SINCE["azure.sas_start_time_offset"]:
        why = f"files reference 1.15: {_text(_SINCE['azure.sas_start_time_offset'])} and newer"
        yield Refusal((*place, "sas_start_time_offset"), f"with {_text(release)}", why)


def _eventual(eventual: Eventual, mode: str, path: DocumentPath) -> Iterator[Refusal]:
    """Two providers with the same job and different parameters (1.6, 1.7)."""
    useless = {"cached": ("stale_after",), "cluster": ("timeout", "queue")}.get(mode, ())
    for key in useless:
        if getattr(eventual, key) is not None:
            other = "cluster" if mode == "cached" else "cached"
            yield Refusal((*path, "eventual", key), f"with mode: {mode}", f"files reference 1.6, 1.7: of mode: {other}")


def _text(release: Release) -> str:
    return ".".join(map(str, release))
