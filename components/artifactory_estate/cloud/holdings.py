"""Whether something holds what would be lost with it."""

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
    """Whether the RDS instance exists."""
    try:
        client("rds", region=region, role=role).describe_db_instances(DBInstanceIdentifier=identifier)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"DBInstanceNotFound", "DBInstanceNotFoundFault"}:
            return False
        raise
    return True
