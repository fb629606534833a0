"""What is watched on the nodes themselves, and the files that others watch them by: agent, Prometheus."""

import json
from collections.abc import Sequence

from artifactory_estate.base.templates import render
from artifactory_estate.filestore.traits import shared_directories
from artifactory_estate.load_balancer.render import TLS_PORT
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.names import SiteNames, host_of

DATA = "/var/opt/jfrog/artifactory/data"
_LOGS = "/opt/jfrog/artifactory/var/log"
REQUESTS = "requests"
"""Stream of the request log, one a node: `<instance>/requests`."""


def namespace(names: SiteNames) -> str:
    """`ArtifactoryEstate/acme-us-east`: what the nodes say of themselves. A namespace a site, so that a node's role can be
    held to its own."""
    return f"ArtifactoryEstate/{names.prefix}"


def mounts_of(site: ManagedSite) -> Sequence[str]:
    """Where a node can run full: its own disk, its data volume, a directory that the document names. EFS grows."""
    found = ["/"]
    if site.nodes.data_volume:
        found.append(DATA)
    return [*found, *shared_directories(site.filestore)]


def agent_json(names: SiteNames) -> str:
    """Configuration of the CloudWatch agent: which logs go to the site's log group."""
    files = {
        "bootstrap": "/var/log/artifactory-estate/bootstrap.log",
        "service": f"{_LOGS}/artifactory-service.log",
        REQUESTS: f"{_LOGS}/artifactory-request.log",
        "access": f"{_LOGS}/access-service.log",
        "router": f"{_LOGS}/router-service.log",
    }
    collected = [
        {
            "file_path": path,
            "log_group_name": names.log_group("nodes"),
            "log_stream_name": f"{{instance_id}}/{stream}",
            "timezone": "UTC",
        }
        for stream, path in files.items()
    ]
    agent = {"region": names.region, "run_as_user": "root"}
    logs = {"logs_collected": {"files": {"collect_list": collected}}}
    return json.dumps({"agent": agent, "logs": logs}, indent=2) + "\n"


def monitor_sh(names: SiteNames, site: ManagedSite) -> str:
    """What a node's timer runs every five minutes: free storage, an answer's time, days until a licence and the site's
    own certificate end."""
    return render(
        "monitor.sh.j2",
        estate=names.estate,
        site=names.site,
        region=names.region,
        namespace=namespace(names),
        token=names.secret("admin-token"),
        mounts=mounts_of(site),
        ends_tls=_ends_tls(site),
        host=host_of(site),
    )


def _ends_tls(site: ManagedSite) -> str:
    """Where `own_certificate` is served: through the load balancer by fronts, else by the web server beside the node."""
    if site.load_balancer.own_certificate is None:
        return ""
    return f"{host_of(site)}:443" if site.load_balancer.on_fronts else f":{TLS_PORT}"


def prometheus_yml(sites: Sequence[tuple[str, ManagedSite]]) -> str:
    """Scrape configuration for the sites that answer OpenMetrics, by name."""
    targets = [
        {"name": name, "host": host_of(site), "scheme": site.url.partition(":")[0]}
        for name, site in sites
        if site.observability.open_metrics
    ]
    return render("prometheus.yml.j2", sites=targets)


def prometheus_rules() -> str:
    """Alerting rules on those metrics: what CloudWatch cannot see, the lag of federations above all."""
    return render("prometheus-rules.yml.j2")
