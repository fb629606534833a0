"""The bootstrap against AWS's own formats: moto for the cloud, the real command line for `aws`."""

import json
from pathlib import Path

import boto3

from tests.clients.site.cluster import MASTER, SECRETS, TOKEN, running_cluster
from tests.support.aws import REGION, running_aws
from tests.unit.site.site_values import DATABASE, names


def test_two_nodes_start_one_after_the_other(tmp_path: Path) -> None:
    with running_aws() as address, running_cluster(tmp_path) as cluster:
        s3 = boto3.client("s3", region_name=REGION)
        s3.create_bucket(Bucket=names().site_bucket)
        manager = boto3.client("secretsmanager", region_name=REGION)
        for name, value in SECRETS.items():
            manager.create_secret(Name=name, SecretString=value)
        manager.create_secret(Name="acme/us-east/admin-token")
        master = manager.create_secret(Name="rds!db-1", SecretString=json.dumps(MASTER))["ARN"]
        script = cluster.script.read_text().replace(DATABASE.master_secret, master)
        cluster.script.write_text(script)
        first, second = cluster.machine("i-1", real_aws=address), cluster.machine("i-2", real_aws=address)
        processes = [machine.start(cluster.script) for machine in (first, second)]
        outputs = [process.communicate(timeout=60)[0] for process in processes]
        assert [process.returncode for process in processes] == [0, 0], outputs
        assert sum("first start of the cluster" in output for output in outputs) == 1
        assert any("to start" in output for output in outputs)
        assert not any("taking over" in output or "could not" in output for output in outputs)
        assert manager.get_secret_value(SecretId="acme/us-east/admin-token")["SecretString"] == TOKEN
        assert "boot/lock" not in [item["Key"] for item in s3.list_objects_v2(Bucket=names().site_bucket)["Contents"]]
