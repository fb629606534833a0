"""Declares what the stand-in must refuse; KIND says which."""

import base64
import os

import pulumi
import pulumi_aws as aws

match os.environ["KIND"]:
    case "type":
        pulumi.CustomResource("refused", "aws:ec2/vcp:Vcp", {"cidrBlock": "10.0.0.0/16"})
    case "nested":
        aws.ec2.LaunchTemplate("refused", metadata_options={"http_tokenz": "required"})  # type: ignore[typeddict-unknown-key]
    case "user-data":
        aws.ec2.LaunchTemplate("refused", user_data=base64.b64encode(b"x" * 16385).decode())
    case "endpoint":
        provider = aws.Provider("elsewhere", endpoints=[{"s3": "https://s3.amazonaws.com"}])
        aws.s3.Bucket("refused", opts=pulumi.ResourceOptions(provider=provider))
    case "role":
        provider = aws.Provider(
            "other",
            region="eu-west-1",
            assume_roles=[{"role_arn": "arn:aws:iam::210987654321:role/deploy"}],
            allowed_account_ids=["210987654321"],
            default_tags={"tags": {"estate": "acme"}},
        )
        topic = aws.sns.Topic("theirs", opts=pulumi.ResourceOptions(provider=provider))
        pulumi.export("arn", topic.arn)
        pulumi.export("tags", topic.tags_all)
