"""What the nodes of a site run: secrets, the installer, and the bundle of rendered files."""

from collections.abc import Mapping, Sequence

import pulumi

from artifactory_estate.cloud import lifecycle
from artifactory_estate.cloud.lifecycle import Bundle, SiteSecrets
from artifactory_estate.database import model as database_model
from artifactory_estate.database.component import Database
from artifactory_estate.database.render import facts_of
from artifactory_estate.engine import ManagedResource
from artifactory_estate.filestore.declare import place_declaration
from artifactory_estate.filestore.lifecycle import Place as FilestorePlace
from artifactory_estate.filestore.storage import Storage
from artifactory_estate.filestore.traits import secrets_of
from artifactory_estate.site import model
from artifactory_estate.site.encryption import SiteKey
from artifactory_estate.site.hooks import hooks_of
from artifactory_estate.site.installation import Package, SystemPackage
from artifactory_estate.site.licence_supply import LicenceSupply
from artifactory_estate.site.licences import before_nodes, references_of
from artifactory_estate.site.names import join_key_name
from artifactory_estate.site.parts import Parts
from artifactory_estate.site.render import apply_script, bundle
from artifactory_estate.site.site_bucket import SiteBucket
from artifactory_estate.site.upgrade import UpgradeLifecycle, snapshot_name


def make_licence_supply(parts: Parts, key: SiteKey) -> ManagedResource:
    """The licences, before a node wants one."""
    owner = parts.owner("licence-supply")
    declared = before_nodes(parts.names, parts.site, parts.connection, owner, parts.tags)
    return parts.managed("licence-supply", LicenceSupply, declared, [key])


def make_secrets(parts: Parts, licences: pulumi.Resource, key: SiteKey) -> ManagedResource:
    """In Secrets Manager; `licences`: what supplies them."""
    site, names, database = parts.site, parts.names, parts.site.database
    rtfs = database.rtfs.external if database.rtfs else None
    given = {
        "master_key": site.keys.master,
        "join_key": site.keys.join,
        "database_password": database.external.password if database.external else database.password,
        "rtfs_password": rtfs.password if rtfs else None,
    }
    declared = {
        "prefix": names.secret_prefix,
        **parts.where(),
        "owner": parts.owner("secrets").to_data(),
        "tags": parts.tags,
        "kms_key": site.aws.kms_key or names.key_alias,
        "licences": list(references_of(names, site)),
        "join_keys": [join_key_name(number + 1) for number in range(site.keys.join_generation)],
        **{key: reference for key, reference in given.items() if reference},
        "filestore": {**secrets_of(site.filestore), **_tls_secrets(site)},
    }
    return parts.managed("secrets", SiteSecrets, declared, [licences, key])


def _tls_secrets(site: model.ManagedSite) -> Mapping[str, str]:
    own = site.load_balancer.own_certificate
    return {"tls-crt": own.certificate, "tls-key": own.key} if own else {}


def make_bundle(
    parts: Parts, bucket: SiteBucket, database: Database | None, secrets: ManagedResource, filestore: Storage
) -> ManagedResource:
    """The files of the site, behind what may refuse them."""
    names, site, release = parts.names, parts.site, parts.release
    hooks = hooks_of(release)
    known = {
        "host": database.host if database else "",
        "master": database.master_secret if database else "",
        "package": _package(parts, bucket),
        "driver": _driver(parts, bucket),
        "mark": _password_mark(site, secrets),
        "mounts": filestore.mount_lines,
        "certificate": _certificate_mark(site, secrets),
        "system_packages": _system_packages(parts, bucket),
    }
    files = pulumi.Output.all(**known).apply(
        lambda found: bundle(
            names,
            site,
            release,
            facts_of(site.database, found["host"], found["master"], found["driver"], found["mark"]),
            found["package"],
            hooks,
            found["mounts"],
            found["certificate"],
            found["system_packages"],
        )
    )
    declared = {
        "bucket": bucket.bucket,
        **parts.where(),
        "files": files,
        "script": apply_script(names),
        "group": names.group,
        **({"fronts": fronts_of(parts)} if site.load_balancer.on_fronts else {}),
    }
    after = [bucket, _make_upgrade(parts, bucket, database), _make_place(parts, bucket)]
    return parts.managed("bundle", Bundle, declared, after)


def fronts_of(parts: Parts) -> Mapping[str, str]:
    """Where the fronts say how they do."""
    return {"bucket": parts.names.site_bucket, "group": parts.names.fronts, **parts.where()}


def _make_place(parts: Parts, bucket: SiteBucket) -> pulumi.Resource:
    """Refuses, before the nodes hear of it, a filestore that would leave binaries behind."""
    return parts.managed("place", FilestorePlace, place_declaration(parts.names, parts.site), [bucket])


def _make_upgrade(parts: Parts, bucket: SiteBucket, database: Database | None) -> pulumi.Resource:
    """The way back, before a node is upgraded."""
    version, words, name = parts.release.version, parts.site.upgrade, parts.names.database
    ours = {"database": name, "is_cluster": database.is_cluster} if database else {}
    snapshot = snapshot_name(name, version) if database else words.snapshot
    release = ["sites", parts.name, "artifactory"] if parts.site.artifactory else ["artifactory"]
    declared = {
        "site": parts.name,
        "version": version,
        "version_path": [*release, "version"],
        "bucket": bucket.bucket,
        **parts.where(),
        "nodes": parts.site.nodes.count,
        **ours,
        **({"snapshot": snapshot} if snapshot else {}),
        **({"from_version": words.from_version} if words.from_version else {}),
        **({"restored": words.restored} if words.restored else {}),
    }
    return parts.managed("upgrade", UpgradeLifecycle, declared, [bucket, *([database] if database else [])])


def _password_mark(site: model.ManagedSite, secrets: ManagedResource) -> pulumi.Input[str]:
    """Fingerprints of the given passwords: others make another bundle, and that a rolling restart."""
    database = site.database
    own = database.rtfs.external if database.rtfs else None
    if not (database.password or database.external or own):
        return ""
    return _fingerprints(secrets, ("database-password", "rtfs-database-password"))


def _certificate_mark(site: model.ManagedSite, secrets: ManagedResource) -> pulumi.Input[str]:
    """Fingerprint of the certificate with which web servers end TLS: another one is laid on each, one after another."""
    return _fingerprints(secrets, ("tls-crt", "tls-key")) if site.load_balancer.own_certificate else ""


def _fingerprints(secrets: ManagedResource, names: Sequence[str]) -> pulumi.Output[str]:
    known: pulumi.Output[Mapping[str, str]] = secrets.observed["fingerprints"]
    return known.apply(lambda found: " ".join(found[name] for name in names if found.get(name)))


def _package(parts: Parts, bucket: SiteBucket) -> pulumi.Input[str]:
    package = parts.release.package
    if package is None or package.source == "sandbox" or package.download_at_boot:
        return package.source if package else ""
    return _mirrored(parts, "package", package, bucket)


def _driver(parts: Parts, bucket: SiteBucket) -> pulumi.Input[str]:
    driver = parts.site.database.driver
    return _mirrored(parts, "driver", driver, bucket) if driver else ""


def _system_packages(parts: Parts, bucket: SiteBucket) -> pulumi.Input[str]:
    """Lines of URL and digest."""
    files = {file.sha256: file for file in parts.release.system_files}
    urls = [_mirrored(parts, f"system-package-{sha256[:12]}", file, bucket) for sha256, file in files.items()]
    return pulumi.Output.all(*urls).apply(
        lambda found: "".join(f"{url} {sha256}\n" for url, sha256 in zip(found, files, strict=True))
    )


def _mirrored(
    parts: Parts, name: str, file: Package | SystemPackage | database_model.Driver, bucket: SiteBucket
) -> pulumi.Output[str]:
    """URL in the site's bucket."""
    declared = {"source": file.source, "sha256": file.sha256, "bucket": bucket.bucket, **parts.where()}
    url: pulumi.Output[str] = parts.managed(name, lifecycle.Package, declared, [bucket]).observed["url"]
    return url
