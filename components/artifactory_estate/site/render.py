"""The bundle of a site: every file that its nodes need, none of which holds a secret.

What only a node knows stands as `@@NODE:…@@` and `@@SECRET:…@@` in them; the bootstrap fills it in on the node.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from artifactory_estate.base.templates import render
from artifactory_estate.database.model import Pools
from artifactory_estate.filestore.render import binarystore_xml
from artifactory_estate.load_balancer.render import apache_conf, nginx_conf
from artifactory_estate.site.model import Artifactory, ManagedSite
from artifactory_estate.site.names import SiteNames
from artifactory_estate.site.sizes import Preset, preset_of

ACCESS_CONNECTIONS = "artifactory.access.client.max.connections"


@dataclass(frozen=True)
class DatabaseFacts:
    """Where the database is, once it is there."""

    url: str
    """JDBC URL."""
    username: str
    """Application user."""
    name: str = "artifactory"
    host: str = ""
    """Empty for a database that is not ours to prepare."""
    master_secret: str = ""
    """ARN of the secret of RDS's master user."""

    @property
    def identity(self) -> str:
        """Differs between a database and the one made later under the same name."""
        return self.master_secret or self.url


def bundle(
    names: SiteNames,
    site: ManagedSite,
    artifactory: Artifactory,
    database: DatabaseFacts,
    package: str,
    hooks: Mapping[str, str],
) -> dict[str, str]:
    """File name to text. `package` is the S3 URL of the mirrored package, `sandbox`, or empty for an AMI; `hooks` holds
    the texts of `pre_install` and `post_install` where declared."""
    size = preset_of(site.nodes)
    properties = system_properties(site, size)
    files = {
        "bootstrap.sh": bootstrap(names, artifactory, database, package, web_server(site)),
        "system.yaml": system_yaml(size, site.database.pools, int(properties[ACCESS_CONNECTIONS]), database),
        "binarystore.xml": binarystore_xml(
            site.filestore,
            version=artifactory.version,
            bucket=site.filestore.bucket.name or names.filestore_bucket,
            region=names.region,
        ),
        "artifactory.system.properties": render("artifactory.system.properties.j2", properties=properties),
        **{f"{hook}.sh": text for hook, text in hooks.items()},
    }
    if site.load_balancer.kind == "nginx":
        files["nginx.conf"] = nginx_conf(site.url)
    elif site.load_balancer.kind == "apache":
        files["httpd.conf"] = apache_conf(site.url)
    return files


def web_server(site: ManagedSite) -> str:
    """Package and service name of the web server on each node, or empty."""
    return {"nginx": "nginx", "apache": "httpd"}.get(site.load_balancer.kind, "")


def system_properties(site: ManagedSite, size: Preset) -> dict[str, str | int | bool]:
    """The preset's properties, overridden by the declared ones, sorted by name."""
    properties: dict[str, str | int | bool] = {ACCESS_CONNECTIONS: size.access_threads, **site.system_properties}
    return dict(sorted(properties.items()))


def system_yaml(size: Preset, pools: Pools, access_threads: int, database: DatabaseFacts) -> str:
    """system.yaml of every node (files reference 2.8); it becomes a node's own when the placeholders are filled."""
    heap = f"-server -Xms{size.heap_gib}g -Xmx{size.heap_gib}g -Xss256k -XX:+UseG1GC"
    return render(
        "system.yaml.j2",
        java_options=heap,
        database=database,
        pools=pools,
        threads={"artifactory": size.artifactory_threads, "accept": size.accept_count, "access": access_threads},
    )


def bootstrap(names: SiteNames, artifactory: Artifactory, database: DatabaseFacts, package: str, server: str) -> str:
    """The script that makes a machine a node, run from the bundle."""
    return render(
        "bootstrap.sh.j2",
        estate=names.estate,
        site=names.site,
        region=names.region,
        bucket=names.site_bucket,
        secret_prefix=names.secret_prefix,
        version=artifactory.version,
        package=package,
        package_sha256=artifactory.package.sha256 if artifactory.package else "",
        database_host=database.host,
        database_master=database.master_secret,
        database_user=database.username,
        database_name=database.name,
        database_identity=database.identity,
        web_server=server,
    )


def user_data(names: SiteNames) -> str:
    """The script that fetches the bundle and runs it: what an instance gets, and what Systems Manager runs later.

    It names the bucket and nothing that changes, so a change of configuration makes no new launch template version.
    """
    return render(
        "user-data.sh.j2", estate=names.estate, site=names.site, region=names.region, bucket=names.site_bucket
    )
