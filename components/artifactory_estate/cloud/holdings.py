"""Whether something holds what would be lost with it."""

from collections.abc import Callable

from botocore.exceptions import ClientError

from artifactory_estate.cloud.session import client


def has_objects(bucket: str, region: str, role: str | None) -> bool:
    """Whether the bucket holds an object, or an old version of one that could still be brought back."""
    s3 = client("s3", region=region, role=role)
    try:
        if s3.list_objects_v2(Bucket=bucket, MaxKeys=1).get("KeyCount"):
            return True
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 100})
        return any(page.get("Versions") for page in pages)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            return False
        raise


def has_database(identifier: str, region: str, role: str | None) -> bool:
    """Whether the RDS instance, or the Aurora cluster, exists."""
    rds = client("rds", region=region, role=role)
    looks = (
        lambda: rds.describe_db_instances(DBInstanceIdentifier=identifier),
        lambda: rds.describe_db_clusters(DBClusterIdentifier=identifier),
    )
    return any(_is_there(look) for look in looks)


def _is_there(look: Callable[[], object]) -> bool:
    try:
        look()
    except ClientError as error:
        if error.response["Error"]["Code"].removesuffix("Fault") in {"DBInstanceNotFound", "DBClusterNotFound"}:
            return False
        raise
    return True


def has_file_system(id_: str, region: str, role: str | None) -> bool:
    """Whether the EFS file system exists."""
    try:
        client("efs", region=region, role=role).describe_file_systems(FileSystemId=id_)
    except ClientError as error:
        if error.response["Error"]["Code"] == "FileSystemNotFound":
            return False
        raise
    return True


def has_protected_balancer(name: str, region: str, role: str | None) -> bool:
    """Whether a load balancer of this name exists, and AWS refuses to delete it."""
    elb = client("elbv2", region=region, role=role)
    try:
        (found,) = elb.describe_load_balancers(Names=[name])["LoadBalancers"]
        listed = elb.describe_load_balancer_attributes(LoadBalancerArn=found["LoadBalancerArn"])["Attributes"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "LoadBalancerNotFound":
            return False
        raise
    return {"Key": "deletion_protection.enabled", "Value": "true"} in listed
