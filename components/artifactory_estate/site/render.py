"""The bundle of a site: every file that its nodes need, none of which holds a secret.

What only a node knows stands as `@@NODE:…@@` and `@@SECRET:…@@` in them; the bootstrap fills it in on the node.
"""

from collections.abc import Mapping

from artifactory_estate.base.templates import render
from artifactory_estate.database.render import DatabaseFacts, DatabasePart, part_of
from artifactory_estate.database.render import properties_of as database_properties
from artifactory_estate.filestore.model import Filestore
from artifactory_estate.filestore.render import binarystore_xml
from artifactory_estate.filestore.traits import secrets_of
from artifactory_estate.load_balancer.render import EACH_NODE, OWN_NODE, apache_conf, nginx_conf
from artifactory_estate.site.cluster import ha_of
from artifactory_estate.site.installation import Artifactory, SystemSource
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.names import SiteNames, join_key_name
from artifactory_estate.site.observability_files import agent_json, monitor_sh
from artifactory_estate.site.properties.table import Value, in_file
from artifactory_estate.site.sizes import CACHED, cache_of, heap_of, preset_of, properties_of, threads_of

_WEB_SERVERS = {"nginx": "nginx", "apache": "httpd"}
"""Package and service by kind."""


def bundle(
    names: SiteNames,
    site: ManagedSite,
    artifactory: Artifactory,
    database: DatabaseFacts,
    package: str,
    hooks: Mapping[str, str],
    mounts: str = "",
    certificate: str = "",
    system_packages: str = "",
) -> dict[str, str]:
    """File name to text. `package` is the S3 URL of the mirrored package, `sandbox`, or empty for an AMI; `hooks` holds
    the texts of `pre_install` and `post_install` where declared; `mounts` a line for each share that nodes mount;
    `system_packages` a line for each package of the system: URL and digest."""
    secrets = secrets_of(site.filestore)
    files = {
        "bootstrap.sh": bootstrap(names, site, artifactory, database, package),
        "system.yaml": system_yaml(
            site,
            part_of(site.database, database, artifactory.release, preset_of(site.nodes).pool),
            node_words(site, artifactory),
        ),
        "binarystore.xml": binarystore_xml(
            with_cache(site),
            version=artifactory.version,
            bucket=names.filestore_bucket,
            region=names.region,
            nodes=site.nodes.ceiling,
        ),
        **({"filestore-secrets": "".join(f"{name}\n" for name in secrets)} if secrets else {}),
        **({"mounts": mounts} if mounts else {}),
        **({"system-packages": system_packages} if system_packages else {}),
        "artifactory.system.properties": render("artifactory.system.properties.j2", properties=system_properties(site)),
        "monitor.sh": monitor_sh(names, site),
        "amazon-cloudwatch-agent.json": agent_json(names),
        **{f"{hook}.sh": text for hook, text in hooks.items()},
    }
    return {**files, **web_server_files(names, site, artifactory, certificate)}


def web_server_files(names: SiteNames, site: ManagedSite, artifactory: Artifactory, certificate: str) -> dict[str, str]:
    """What nginx or Apache needs, beside each node or in front of all; `certificate` is a mark of the one it ends TLS with,
    so that another one is another bundle."""
    balancer = site.load_balancer
    if not balancer.proxies:
        return {}
    conf = nginx_conf if balancer.kind == "nginx" else apache_conf
    server = _WEB_SERVERS[balancer.kind]
    made = {f"{server}.conf": conf(site.url, balancer, EACH_NODE if balancer.on_fronts else OWN_NODE)}
    if balancer.on_fronts:
        made["front.sh"] = front(names, server, artifactory.system_source(own_image=False))
    return made | ({"certificate": f"{certificate}\n"} if certificate else {})


def with_cache(site: ManagedSite) -> Filestore:
    """The filestore, with the cache that the disk has room for where it stands before an object store."""
    filestore = site.filestore
    return filestore.model_copy(update={"cache": cache_of(site)}) if filestore.kind in CACHED else filestore


def web_server(site: ManagedSite) -> str:
    """Package and service name of the web server on each node, or empty."""
    return "" if site.load_balancer.on_fronts else _WEB_SERVERS.get(site.load_balancer.kind, "")


def front(names: SiteNames, server: str, system_packages: SystemSource) -> str:
    """The script that makes a machine a front, and follows the nodes (decision 0015)."""
    return render(
        "front.sh.j2",
        estate=names.estate,
        site=names.site,
        region=names.region,
        bucket=names.site_bucket,
        secret_prefix=names.secret_prefix,
        web_server=server,
        nodes=names.short("router-tcp"),
        system_packages=system_packages,
    )


def system_properties(site: ManagedSite) -> dict[str, Value]:
    """The size's properties and the database's, overridden by the declared ones, by the names that the file has."""
    together = {**properties_of(site), **database_properties(site.database), **site.system_properties.declared}
    return {in_file(key): value for key, value in sorted(together.items())}


def node_words(site: ManagedSite, artifactory: Artifactory) -> dict[str, str]:
    """`shared.node` of system.yaml: what only the node knows is a placeholder (files reference 2.2, 4.3)."""
    if ha_of(site.nodes, artifactory) == "primary":
        return {"primary": "@@NODE:primary@@"}
    return {"taskAffinity": '"@@NODE:affinity@@"' if site.nodes.without_tasks else "any"}


def system_yaml(site: ManagedSite, database: DatabasePart, node: Mapping[str, str]) -> str:
    """system.yaml of every node (files reference 2.8); it becomes a node's own when the placeholders are filled."""
    heap = f"-server -Xms{heap_of(site.nodes)}g -Xmx{heap_of(site.nodes)}g -Xss256k -XX:+UseG1GC"
    return render(
        "system.yaml.j2",
        java_options=heap,
        node=node,
        metrics=site.observability.open_metrics,
        database=database,
        threads=threads_of(site),
    )


def bootstrap(
    names: SiteNames, site: ManagedSite, artifactory: Artifactory, database: DatabaseFacts, package: str
) -> str:
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
        database_engine=site.database.engine,
        database_driver=database.driver_url,
        database_driver_sha256=site.database.driver.sha256 if site.database.driver else "",
        database_password_mark=database.password_mark,
        database_own_rtfs="yes" if site.database.rtfs and site.database.rtfs.external else "",
        web_server=web_server(site),
        data_volumes="yes" if site.nodes.data_volume else "",
        without_tasks=" ".join(map(str, site.nodes.without_tasks)),
        join_key=join_key_name(site.keys.join_generation),
        system_packages=artifactory.system_source(own_image=bool(artifactory.ami)),
    )


def apply_script(names: SiteNames, program: str = "bootstrap.sh") -> str:
    """The script that fetches the bundle and runs it: at first boot, and later by Systems Manager."""
    return render(
        "apply.sh.j2",
        estate=names.estate,
        site=names.site,
        region=names.region,
        bucket=names.site_bucket,
        program=program,
    )


def front_data(names: SiteNames) -> str:
    """The cloud-config of a front: fetches the bundle and runs its `front.sh`, now and every ten seconds."""
    script = apply_script(names, "front.sh")
    return render("front-data.yaml.j2", estate=names.estate, site=names.site, script=script)


def user_data(names: SiteNames) -> str:
    """The cloud-config that an instance gets: `apply_script` as a file, and the order to run it.

    It names the bucket and nothing that changes, so a change of configuration makes no new launch template version.
    """
    return render("user-data.yaml.j2", estate=names.estate, site=names.site, script=apply_script(names))
