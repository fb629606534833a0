"""Every rule of the database, from both sides."""

from typing import Any

import pytest

from tests.unit.estate.judged import Rule

PATH = "sites.eu-west.database"
DRIVER = {"source": "s3://acme-packages/driver.jar", "sha256": "1" * 64}
MYSQL = {"engine": "mysql", "version": "8.0", "allow_non_postgresql": True, "driver": DRIVER}
MARIADB = {**MYSQL, "engine": "mariadb", "version": "10.6"}
ORACLE = {**MYSQL, "engine": "oracle", "version": "19", "edition": "se2", "licence": "included"}
MSSQL = {**MYSQL, "engine": "mssql", "version": "15.00", "edition": "se", "licence": "included"}
HOOK = {"version": "7.111.4", "package": {"source": "sandbox", "sha256": "0" * 64}, "pre_install": "client.sh"}
PG = "jdbc:postgresql://db.acme.example:5432/artifactory"
US = "sites.us-east"
THERE = {"username": "artifactory", "password": "env:DB"}


def on_rds(declared: dict[str, Any], **more: Any) -> dict[str, Any]:
    """eu-west on RDS, with the client that Oracle and SQL Server need."""
    words = {key: value for key, value in {**declared, **more}.items() if value is not ...}
    return {PATH: words, "sites.eu-west.artifactory": HOOK}


def external(url: str = PG, engine: dict[str, Any] | None = None, version: str = "7.111.4", **more: Any) -> Any:
    """eu-west on a database that exists."""
    words = {"url": url, "username": "artifactory", "password": "env:DB", **more}
    release = {**HOOK, "version": version}
    kept = {key: value for key, value in (engine or {}).items() if key not in {"edition", "licence"}}
    alone = {} if release == HOOK else {"federations": ...}
    return {PATH: {**kept, "external": words}, "sites.eu-west.artifactory": release, **alone}


def rds_host(name: str, region: str = "eu-west-1") -> str:
    return f"jdbc:postgresql://{name}.{region}.rds.amazonaws.com:5432/artifactory"


URL = f"{PATH}.external.url"
SEED = "seed 004: all nodes see one consistent view; eventual consistency and write-behind are not supported"
MAIN = external(rds_host("acme.cluster-c1a2b3"))

RULES = {
    "no embedded database": Rule({}, on_rds({"engine": "derby"}), f"{PATH}.engine", "seed 004: high availability needs"),
    "an Aurora cluster's writer": Rule(
        MAIN, external(rds_host("acme.cluster-ro-c1a2b3")), URL, f"Aurora's reader endpoint ({SEED}"
    ),
    "no custom endpoint": Rule(MAIN, external(rds_host("any.cluster-custom-c1a2b3")), URL, SEED),
    "no proxy": Rule(MAIN, external(rds_host("acme.proxy-c1a2b3")), URL, "is an RDS Proxy (files reference 2.6"),
    "no proxy's reader": Rule(MAIN, external(rds_host("ro.endpoint.proxy-c1a2b3")), URL, "read-only endpoint"),
    "no read replica": Rule(MAIN, external(rds_host("acme-replica.c1a2b3")), URL, f"is a read replica ({SEED}"),
    "no global database": Rule(
        MAIN,
        external("jdbc:postgresql://acme.global-c1a2b3.global.rds.amazonaws.com:5432/artifactory"),
        URL,
        f"a global database's endpoint ({SEED}",
    ),
    "no store of several regions": Rule(
        MAIN, external("jdbc:postgresql://abc.dsql.eu-west-1.on.aws:5432/artifactory"), URL, f"Aurora DSQL ({SEED}"
    ),
    "no distributed database": Rule(
        MAIN, external("jdbc:postgresql://acme.aws-eu-west-1.cockroachlabs.cloud:26257/artifactory"), URL, SEED
    ),
    "a database of the site's region": Rule(
        MAIN,
        external(rds_host("acme.c1a2b3", "us-east-1")),
        URL,
        "a host in us-east-1, of a site in eu-west-1 (seed 004: nodes and database share one fast LAN",
    ),
    "one region's hosts": Rule(
        external(f"{PG}?targetServerType=primary"),
        external(
            "jdbc:postgresql://a.c1.eu-west-1.rds.amazonaws.com,b.c1.eu-central-1.rds.amazonaws.com/artifactory"
            "?targetServerType=primary"
        ),
        URL,
        "a store of several regions is eventually consistent",
    ),
    "the primary only": Rule(
        external(f"{PG}?targetServerType=primary"),
        external(f"{PG}?targetServerType=any"),
        URL,
        f"targetServerType=any ({SEED}",
    ),
    "no secondary": Rule(
        external(f"{PG}?targetServerType=primary"), external(f"{PG}?targetServerType=preferSecondary"), URL, SEED
    ),
    "several hosts have a primary": Rule(
        external("jdbc:postgresql://h1:5432,h2:5432/artifactory?targetServerType=primary"),
        external("jdbc:postgresql://h1:5432,h2:5432/artifactory"),
        URL,
        "2 hosts without targetServerType=primary",
    ),
    "several hosts from 7.31.10 on": Rule(
        external("jdbc:postgresql://h1,h2/artifactory?targetServerType=primary", version="7.31.10"),
        external("jdbc:postgresql://h1,h2/artifactory?targetServerType=primary", version="7.31.9"),
        URL,
        "several hosts, with Artifactory 7.31.9 (files reference 2.7",
    ),
    "several hosts with PostgreSQL 13": Rule(
        external("jdbc:postgresql://h1,h2/artifactory?targetServerType=primary", {"version": "13"}),
        external("jdbc:postgresql://h1,h2/artifactory?targetServerType=primary", {"version": "12"}),
        f"{PATH}.version",
        "12, with several hosts in the URL",
    ),
    "no balancing over hosts": Rule(
        external(f"{PG}?loadBalanceHosts=false"), external(f"{PG}?loadBalanceHosts=true"), URL, "reads would go to replicas"
    ),
    "no replication driver": Rule(
        external("jdbc:mysql://db.acme.example:3306/artdb", MYSQL),
        external("jdbc:mysql:replication://db.acme.example:3306/artdb", MYSQL),
        URL,
        "the driver reads from replicas",
    ),
    "one host of MariaDB": Rule(
        external("jdbc:mariadb://h1:3306/artdb", MARIADB),
        external("jdbc:mariadb://h1:3306,h2:3306/artdb", MARIADB),
        URL,
        "the driver goes on to the next host, which may be behind",
    ),
    "no reading intent": Rule(
        external("jdbc:sqlserver://h:1433;databaseName=artifactory", MSSQL),
        external("jdbc:sqlserver://h:1433;databaseName=artifactory;applicationIntent=ReadOnly", MSSQL),
        URL,
        "applicationintent=ReadOnly",
    ),
    "a URL of the engine": Rule(
        external("jdbc:oracle:thin:@h:1521/ORCL", ORACLE),
        external(PG, ORACLE),
        URL,
        "a URL of postgresql, with engine: oracle (files reference 2.7",
    ),
    "a database in the URL": Rule(
        external("jdbc:sqlserver://h\\one:1433;databaseName=artifactory", MSSQL),
        external("jdbc:sqlserver://h:1433;encrypt=true", MSSQL),
        URL,
        "not a JDBC URL with a host and a database",
    ),
    "no user in Oracle's URL": Rule(
        external("jdbc:oracle:thin:@//h:1521/ORCL", ORACLE),
        external("jdbc:oracle:thin:scott/tiger@//h:1521/ORCL", ORACLE),
        URL,
        "a user or a password in the URL",
    ),
    "no password in SQL Server's URL": Rule(
        external("jdbc:sqlserver://h:1433;databaseName=a", MSSQL),
        external("jdbc:sqlserver://h:1433;databaseName=a;password=tiger", MSSQL),
        URL,
        "a user or a password in the URL",
    ),
    "encrypted": Rule(
        external("jdbc:mysql://h/a?useSSL=false", MYSQL, tls=False),
        external("jdbc:mysql://h/a?useSSL=false", MYSQL),
        URL,
        "usessl switches encryption off",
    ),
    "PostgreSQL for what is new": Rule(
        on_rds(MYSQL),
        on_rds(MYSQL, allow_non_postgresql=False),
        f"{PATH}.engine",
        "mysql (files reference 7.2: since 7.84.7 a new installation starts on PostgreSQL only",
    ),
    "any engine before 7.84.7": Rule(
        external("jdbc:mysql://h/a", {**MYSQL, "allow_non_postgresql": False}, version="7.84.6"),
        external("jdbc:mysql://h/a", {**MYSQL, "allow_non_postgresql": False}, version="7.84.7"),
        f"{PATH}.engine",
        "unless it is allowed",
    ),
    "a driver's address that is no secret": Rule(
        on_rds(MARIADB, driver={**DRIVER, "source": "https://packages.example/driver.jar?raw=1"}),
        on_rds(MARIADB, driver={**DRIVER, "source": "https://packages.example/driver.jar?sig=0123abcd"}),
        f"{PATH}.driver.source",
        "an address with sig (decision 0002",
    ),
    "a driver of other engines": Rule(
        on_rds(MARIADB), on_rds(MARIADB, driver=...), f"{PATH}.driver", "missing (files reference 2.7"
    ),
    "no driver of PostgreSQL": Rule(
        {}, on_rds({"driver": DRIVER}), f"{PATH}.driver", "PostgreSQL's driver comes with Artifactory"
    ),
    "nothing to allow of PostgreSQL": Rule(
        {}, on_rds({"allow_non_postgresql": True}), f"{PATH}.allow_non_postgresql", "given, with engine: postgresql"
    ),
    "a driver is a jar": Rule(
        on_rds(MYSQL),
        on_rds(MYSQL, driver={**DRIVER, "source": "s3://acme-packages/driver.zip"}),
        f"{PATH}.driver.source",
        "NAME.jar",
    ),
    "MySQL 5.7 and 8": Rule(
        on_rds(MYSQL, version="5.7"), on_rds(MYSQL, version="9.1"), f"{PATH}.version", "files reference 7.2: MySQL 5.7 and 8"
    ),
    "MySQL 8 from 7.7 on": Rule(
        external("jdbc:mysql://h/a", MYSQL, version="7.7.0"),
        external("jdbc:mysql://h/a", MYSQL, version="7.6.9"),
        f"{PATH}.version",
        "MySQL 8 from 7.7 on",
    ),
    "MariaDB 10.5.9": Rule(
        on_rds(MARIADB, version="10.5.9"), on_rds(MARIADB, version="10.5.8"), f"{PATH}.version", "10.5.9 or newer"
    ),
    "MariaDB 10.2.9": Rule(
        external("jdbc:mariadb://h/a", {**MARIADB, "version": "10.4.33"}),
        external("jdbc:mariadb://h/a", {**MARIADB, "version": "10.2.8"}),
        f"{PATH}.version",
        "MariaDB 10.2.9 to 10.4",
    ),
    "MariaDB that demands TLS": Rule(
        on_rds(MARIADB, version="10.5"), on_rds(MARIADB, version="10.4"), f"{PATH}.version", "demand TLS of its clients"
    ),
    "Oracle's versions": Rule(
        external("jdbc:oracle:thin:@h:1521/ORCL", {**ORACLE, "version": "12.2"}),
        external("jdbc:oracle:thin:@h:1521/ORCL", {**ORACLE, "version": "21"}),
        f"{PATH}.version",
        "files reference 7.2: Oracle 12.2, 18 and 19",
    ),
    "Oracle 19 on RDS": Rule(on_rds(ORACLE), on_rds(ORACLE, version="18"), f"{PATH}.version", "RDS has Oracle 19"),
    "SQL Server's versions": Rule(
        on_rds(MSSQL), on_rds(MSSQL, version="9.0"), f"{PATH}.version", "files reference 7.2: SQL Server 2008"
    ),
    "a cluster of Oracle's is not on RDS": Rule(
        external("jdbc:oracle:thin:@h:1521/ORCL", {**ORACLE, "rac": True}),
        on_rds(ORACLE, rac=True),
        f"{PATH}.rac",
        "RDS for Oracle has no Real Application Clusters",
    ),
    "a cluster is Oracle's": Rule(
        external("jdbc:oracle:thin:@h:1521/ORCL", {**ORACLE, "rac": True}),
        external("jdbc:mysql://h/a", {**MYSQL, "rac": True}),
        f"{PATH}.rac",
        "true, with engine: mysql",
    ),
    "an edition": Rule(on_rds(ORACLE), on_rds(ORACLE, edition=...), f"{PATH}.edition", "oracle comes as ee or se2"),
    "an edition of the engine": Rule(
        on_rds(MSSQL, edition="ee"), on_rds(MSSQL, edition="se2"), f"{PATH}.edition", "mssql comes as ee or se or web"
    ),
    "a standby of the web edition": Rule(
        on_rds(MSSQL, edition="web", multi_az=False),
        on_rds(MSSQL, edition="web"),
        "defaults.database.multi_az",
        "true, with edition: web (RDS: SQL Server's web edition has no standby before 2022",
    ),
    "no edition of PostgreSQL": Rule({}, on_rds({"edition": "se"}), f"{PATH}.edition", "it has one edition"),
    "a licence": Rule(on_rds(ORACLE), on_rds(ORACLE, licence=...), f"{PATH}.licence", "whose licence does oracle run on?"),
    "SQL Server's licence": Rule(on_rds(MSSQL), on_rds(MSSQL, licence="own"), f"{PATH}.licence", "comes with its licence"),
    "Oracle EE's licence": Rule(
        on_rds(ORACLE, edition="ee", licence="own"),
        on_rds(ORACLE, edition="ee"),
        f"{PATH}.licence",
        "Oracle EE runs on a licence of yours",
    ),
    "x86 for SQL Server": Rule(
        on_rds(MSSQL, instance_class="db.m7i.2xlarge"),
        on_rds(MSSQL, instance_class="db.m8g.2xlarge"),
        f"{PATH}.instance_class",
        "db.m8g.2xlarge is ARM (RDS: mssql runs on x86 only",
    ),
    "SE2's processors": Rule(
        on_rds(ORACLE, instance_class="db.m7i.4xlarge"),
        on_rds(ORACLE, instance_class="db.m7i.8xlarge"),
        f"{PATH}.instance_class",
        "Oracle SE2 runs on 16 processors at most",
    ),
    "a client of Oracle's": Rule(
        on_rds(ORACLE), {PATH: ORACLE}, f"{PATH}.engine", "the first node makes the application's user by sqlplus"
    ),
    "a client of SQL Server's": Rule(on_rds(MSSQL), {PATH: MSSQL}, f"{PATH}.engine", "Bring sqlcmd by"),
    "connections of MySQL": Rule(
        on_rds(MYSQL, instance_class="db.m7g.xlarge"),
        on_rds(MYSQL, instance_class="db.m7g.xlarge", pools={"artifactory": 200}),
        f"{PATH}.pools",
        "1616 connections for 3 nodes (files reference 2.6: db.m7g.xlarge allows 1365)",
    ),
    "connections of the federation service": Rule(
        on_rds({"instance_class": "db.t4g.large", "rtfs": {}}),
        on_rds({"instance_class": "db.t4g.large", "rtfs": {}, "pools": {"rtfs": 200}}),
        f"{PATH}.pools",
        "connections for 3 nodes",
    ),
    "readers are Aurora's": Rule(
        on_rds({"engine": "aurora-postgresql", "readers": 2}), on_rds({"readers": 2}), f"{PATH}.readers", "Aurora has readers"
    ),
    "someone takes over": Rule(
        on_rds({"engine": "aurora-postgresql", "readers": 0, "multi_az": False}),
        on_rds({"engine": "aurora-postgresql", "readers": 0}),
        f"{PATH}.readers",
        "nothing would take over from the writer",
    ),
    "Aurora's storage": Rule(
        on_rds({"engine": "aurora-postgresql"}),
        on_rds({"engine": "aurora-postgresql", "storage_gib": 500}),
        f"{PATH}.storage_gib",
        "Aurora's storage grows by itself",
    ),
    "Aurora is what we make": Rule(
        MAIN, external(engine={"engine": "aurora-postgresql"}), f"{PATH}.engine", "it says what we make"
    ),
    "I/O of a large volume": Rule(
        on_rds({"storage_gib": 500, "iops": 16000}),
        on_rds({"storage_gib": 300, "iops": 16000}),
        f"{PATH}.iops",
        "16000, with 300 GiB declared (RDS: gp3 below 400 GiB has its own 3000",
    ),
    "I/O that a large volume takes": Rule(
        on_rds({"storage_gib": 500, "iops": 12000}), on_rds({"storage_gib": 500, "iops": 6000}), f"{PATH}.iops", "12000 to 64000"
    ),
    "I/O of the size's volume": Rule(
        {**on_rds({"iops": 12000}), "sites.eu-west.nodes": {"size": "large"}},
        on_rds({"iops": 12000}),
        f"{PATH}.iops",
        "12000, with 100 GiB of size small (RDS: gp3 below 400 GiB",
    ),
    "I/O of SQL Server's small volume": Rule(
        on_rds(MSSQL, storage_gib=32, iops=16000),
        on_rds(MSSQL, storage_gib=31, iops=16000),
        f"{PATH}.iops",
        "16000, with 31 GiB declared (RDS: gp3 gives at most 500 for each GiB",
    ),
    "throughput of the engine": Rule(
        on_rds({"storage_gib": 500, "iops": 12000, "throughput_mib": 500}),
        on_rds({"storage_gib": 500, "iops": 12000, "throughput_mib": 499}),
        f"{PATH}.throughput_mib",
        "499 (RDS: gp3 of this engine takes 500 to 4000 MiB/s",
    ),
    "throughput of so many I/O": Rule(
        on_rds({"storage_gib": 500, "iops": 12000, "throughput_mib": 3000}),
        on_rds({"storage_gib": 500, "iops": 12000, "throughput_mib": 3001}),
        f"{PATH}.throughput_mib",
        "3001 (RDS: gp3 gives at most 3000 MiB/s with 12000 iops",
    ),
    "Aurora's classes": Rule(
        on_rds({"engine": "aurora-postgresql", "instance_class": "db.r7g.2xlarge"}),
        on_rds({"engine": "aurora-postgresql", "instance_class": "db.m7g.2xlarge"}),
        f"{PATH}.instance_class",
        "db.m7g.2xlarge is general-purpose (RDS: Aurora runs on memory-optimised",
    ),
    "SE2's processors by size": Rule(
        {**on_rds(ORACLE), "sites.eu-west.nodes": {"size": "medium"}},
        {**on_rds(ORACLE), "sites.eu-west.nodes": {"size": "large"}},
        f"{PATH}.instance_class",
        "db.m7i.8xlarge (RDS: Oracle SE2 runs on 16 processors at most",
    ),
    "a database of one site": Rule(
        {**external(), f"{US}.database": {"external": {**THERE, "url": PG.replace("/artifactory", "/of_us_east")}}},
        {**external(f"{PG}?sslmode=require"), f"{US}.database": {"external": {**THERE, "url": PG.replace(":5432", "")}}},
        URL,
        "the same database as us-east's (seed 004: the nodes of one cluster share a database",
    ),
    "throughput with I/O": Rule(
        on_rds({"storage_gib": 500, "iops": 16000, "throughput_mib": 800}),
        on_rds({"storage_gib": 500, "throughput_mib": 800}),
        f"{PATH}.throughput_mib",
        "given, without iops",
    ),
    "a setting of our instance": Rule(
        external(), external(engine={"password": "env:OTHER"}), f"{PATH}.password", "given, with external"
    ),
    "the federation service's version": Rule(
        {**on_rds({"rtfs": {}}), "sites.eu-west.artifactory": {**HOOK, "version": "7.111.0"}},
        {**on_rds({"rtfs": {}}), "sites.eu-west.artifactory": {**HOOK, "version": "7.110.9"}},
        f"{PATH}.rtfs",
        "native packages have the Federation Service from 7.111 on",
    ),
    "the federation service's PostgreSQL": Rule(
        on_rds({"rtfs": {}, "version": "13"}),
        on_rds({"rtfs": {}, "version": "12"}),
        f"{PATH}.version",
        "files reference 2.5: the Federation Service needs PostgreSQL 13",
    ),
    "the federation service beside another engine": Rule(
        {
            **on_rds(MYSQL, rtfs={"external": {"url": PG, "username": "rtfs", "password": "env:RTFS"}}),
            "sites.eu-west.artifactory": {**HOOK, "version": "7.146.7"},
        },
        on_rds(MYSQL, rtfs={}),
        f"{PATH}.rtfs",
        "shares mysql (files reference 2.5: it keeps its data in PostgreSQL only",
    ),
    "the federation service's own database": Rule(
        {
            **on_rds({"rtfs": {"external": {"url": PG, "username": "rtfs", "password": "env:RTFS"}}}),
            "sites.eu-west.artifactory": {**HOOK, "version": "7.146.7"},
        },
        on_rds({"rtfs": {"external": {"url": PG, "username": "rtfs", "password": "env:RTFS"}}}),
        f"{PATH}.rtfs.external",
        "a database of its own from 7.146.7 on",
    ),
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES.values(), ids=[name.replace(" ", "-") for name in RULES])
def test_accepts_and_refuses(rule: Rule) -> None:
    rule.holds()
