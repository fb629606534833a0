"""Declares what the stand-in must refuse, or what an explicit provider makes; KIND says which."""

import base64
import os

import pulumi
import pulumi_aws as aws

TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"  # without the SDK's class, whose import takes longer than the rest

match os.environ["KIND"]:
    case "type":
        pulumi.CustomResource("aws:ec2/vcp:Vcp", "refused", {"cidrBlock": "10.0.0.0/16"})
    case "nested":
        pulumi.CustomResource(TEMPLATE, "refused", {"metadataOptions": {"httpTokenz": "required"}})
    case "user-data":
        pulumi.CustomResource(TEMPLATE, "refused", {"userData": base64.b64encode(b"x" * 16385).decode()})
    case "endpoint":
        provider = aws.Provider("elsewhere", endpoints=[{"s3": "https://s3.amazonaws.com"}])
        pulumi.CustomResource(TEMPLATE, "refused", {}, pulumi.ResourceOptions(provider=provider))
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
