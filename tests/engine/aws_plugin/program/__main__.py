"""A small site's AWS resources. CHANGE: `tags` changes tags and the template, `immutable` what AWS cannot change."""

import base64
import json
import os

import pulumi
from pulumi_aws import (
    autoscaling,
    cloudwatch,
    ec2,
    get_availability_zones,
    iam,
    kms,
    lb,
    rds,
    route53,
    s3,
    secretsmanager,
    sns,
    ssm,
    vpc,
)

change = os.environ.get("CHANGE", "")
tags = {"estate": "acme", "step": change or "first"}

zones = get_availability_zones(state="available").names
network = ec2.Vpc("network", cidr_block="10.0.0.0/16", enable_dns_hostnames=True, tags=tags)
subnets = [
    ec2.Subnet(f"subnet-{number}", vpc_id=network.id, cidr_block=f"10.0.{number}.0/24", availability_zone=zones[number])
    for number in range(2)
]
gateway = ec2.InternetGateway("gateway", vpc_id=network.id)
table = ec2.RouteTable("table", vpc_id=network.id)
ec2.Route("out", route_table_id=table.id, destination_cidr_block="0.0.0.0/0", gateway_id=gateway.id)
ec2.RouteTableAssociation("association", route_table_id=table.id, subnet_id=subnets[0].id)
security = ec2.SecurityGroup("security", vpc_id=network.id)
vpc.SecurityGroupIngressRule(
    "inside", security_group_id=security.id, ip_protocol="tcp", from_port=8081, to_port=8082,
    referenced_security_group_id=security.id, description="node to node",
)  # fmt: skip

trust = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}],
}
role = iam.Role("role", assume_role_policy=json.dumps(trust, indent=4))
read = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["*"]}]}
iam.RolePolicy("policy", role=role.name, policy=read)
profile = iam.InstanceProfile("profile", role=role.name)

key = kms.Key("key", enable_key_rotation=True, deletion_window_in_days=7)
bucket = s3.Bucket("bucket", bucket="acme-us-east-filestore", force_destroy=True, tags=tags)
s3.BucketVersioning("versioning", bucket=bucket.id, versioning_configuration={"status": "Enabled"})
s3.BucketServerSideEncryptionConfiguration(
    "encryption", bucket=bucket.id,
    rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key.arn}}],
)  # fmt: skip
s3.BucketLifecycleConfiguration(
    "lifecycle", bucket=bucket.id,
    rules=[{"id": "old", "status": "Enabled", "noncurrent_version_expiration": {"noncurrent_days": 35}}],
)  # fmt: skip
s3.BucketObjectv2("bundle", bucket=bucket.id, key="bundles/one.txt", content="one")

template = ec2.LaunchTemplate(
    "template", image_id="ami-12c6146b", instance_type="t3.large" if change else "t3.medium",
    user_data=base64.b64encode(b"#!/bin/bash\n").decode(), vpc_security_group_ids=[security.id],
    iam_instance_profile={"arn": profile.arn},
    metadata_options={"http_tokens": "required", "http_put_response_hop_limit": 1},
    block_device_mappings=[{"device_name": "/dev/xvda", "ebs": {"encrypted": "true", "volume_size": 50}}],
    update_default_version=True, tags=tags,
)  # fmt: skip
target = lb.TargetGroup(
    "target", port=8000 if change == "immutable" else 8082, protocol="HTTP", vpc_id=network.id,
    health_check={"path": "/router/api/v1/system/health", "interval": 10, "timeout": 5},
)  # fmt: skip
balancer = lb.LoadBalancer(
    "balancer",
    internal=True,
    security_groups=[security.id],
    subnets=[subnet.id for subnet in subnets],
    idle_timeout=600,
)
lb.Listener(
    "listener", load_balancer_arn=balancer.arn, port=80, protocol="HTTP",
    default_actions=[{"type": "forward", "target_group_arn": target.arn}],
)  # fmt: skip
autoscaling.Group(
    "nodes", min_size=1, max_size=2, desired_capacity=1, vpc_zone_identifiers=[subnet.id for subnet in subnets],
    target_group_arns=[target.arn], force_delete=True,
    launch_template={"id": template.id, "version": template.latest_version.apply(str)},
)  # fmt: skip

databases = rds.SubnetGroup("databases", subnet_ids=[subnet.id for subnet in subnets])
rds.Instance(
    "database", identifier="acme-us-east", engine="postgres", engine_version="15", instance_class="db.t3.medium",
    allocated_storage=20, username="master", manage_master_user_password=True, db_subnet_group_name=databases.name,
    db_name="other" if change == "immutable" else "artifactory", skip_final_snapshot=True,
)  # fmt: skip

logs = cloudwatch.LogGroup("logs", retention_in_days=30, kms_key_id=key.arn)
cloudwatch.LogMetricFilter(
    "errors", log_group_name=logs.name, pattern="%5[0-9][0-9]%",
    metric_transformation={"namespace": "Acme", "name": "Errors", "value": "1"},
)  # fmt: skip
cloudwatch.Dashboard("dashboard", dashboard_name="acme", dashboard_body=json.dumps({"widgets": []}))
ec2.FlowLog(
    "flow", vpc_id=network.id, traffic_type="ALL", log_destination=logs.arn, iam_role_arn=role.arn,
    max_aggregation_interval=60,
)  # fmt: skip
ec2.DefaultSecurityGroup("closed", vpc_id=network.id, ingress=[], egress=[], tags=tags)

zone = route53.Zone("zone", name="acme.example")
route53.Record(
    "site", zone_id=zone.zone_id, name="us-east.repo.acme.example", type="A",
    aliases=[{"name": balancer.dns_name, "zone_id": balancer.zone_id, "evaluate_target_health": True}],
)  # fmt: skip
cloudwatch.MetricAlarm(
    "alarm", region="us-west-2", namespace="ArtifactoryEstate", metric_name="Serving", statistic="Minimum", period=60,
    evaluation_periods=1, comparison_operator="LessThanThreshold", threshold=1, treat_missing_data="ignore",
)  # fmt: skip
secretsmanager.Secret("secret", recovery_window_in_days=0)
ssm.Parameter("parameter", type="SecureString", value=pulumi.Output.secret("planted-secret"))
topic = sns.Topic("topic", tags={"note": pulumi.Output.secret("planted-secret")})
sns.TopicSubscription("told", topic=topic.arn, protocol="email", endpoint="platform@acme.example")
pulumi.export("all", topic.tags_all)
