"""A stand-in for `pulumi-resource-aws`, over boto3 and the sandbox's AWS (moto). Never for a real account.

    __main__    starts the server, prints its port, ends when the engine ends
    server      the RPCs of `pulumi.runtime.proto`, over ...
    operations  ... check, diff, create, read, update, delete of any type: plain Python, no gRPC
    rows        what one row of the type table holds; `services/` has the rows, one file a service
    sdk         what the installed `pulumi_aws` declares of each type, read from its source
    inputs      checks inputs against `sdk` and the row; `limits` has AWS's own limits
    shape       comparing, projecting and renaming of property values
    connection  provider configuration, clients, account; refuses every endpoint that is not loopback
    functions   the `get…` functions
    wire        the engine's values: secrets, unknowns

`bin/pulumi-resource-aws` is what the engine finds when the sandbox puts `bin/` on PATH.
"""
