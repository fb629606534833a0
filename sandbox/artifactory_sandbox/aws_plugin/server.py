"""The RPCs of a provider plugin, over `operations`. What each RPC gets and must answer: sandbox facts 9.1."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import grpc
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc, status_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from artifactory_sandbox.aws_plugin import functions, sdk
from artifactory_sandbox.aws_plugin.connection import Connection, Refused, configure, explain
from artifactory_sandbox.aws_plugin.operations import Made, Operations, Plan
from artifactory_sandbox.aws_plugin.services import row_of
from artifactory_sandbox.aws_plugin.wire import Decoded, Props, decode, encode, holds_unknown

_KINDS = {
    ("add", False): pb.PropertyDiff.ADD,
    ("add", True): pb.PropertyDiff.ADD_REPLACE,
    ("delete", False): pb.PropertyDiff.DELETE,
    ("delete", True): pb.PropertyDiff.DELETE_REPLACE,
    ("update", False): pb.PropertyDiff.UPDATE,
    ("update", True): pb.PropertyDiff.UPDATE_REPLACE,
}
Context: TypeAlias = grpc.ServicerContext


class AwsStandIn(provider_pb2_grpc.ResourceProviderServicer):
    """One provider process: configured once, then many operations side by side."""

    def __init__(self) -> None:
        self._operations: Operations | None = None
        self._secret_default_tags = False
        self.cancelled = threading.Event()

    def GetPluginInfo(self, request: Any, context: Context) -> plugin_pb2.PluginInfo:
        """The version of the installed SDK."""
        return plugin_pb2.PluginInfo(version=sdk.sdk_version())

    def CheckConfig(self, request: Any, context: Context) -> pb.CheckResponse:
        """Refuses endpoints that are not loopback and settings that cannot be honoured, already in a preview."""
        news = decode(request.news)
        failures = []
        if not holds_unknown(news.props):
            try:
                configure(news.props)
            except Refused as error:
                failures.append(pb.CheckFailure(reason=news.redacted(str(error))))
        return pb.CheckResponse(inputs=request.news, failures=failures)

    def DiffConfig(self, request: Any, context: Context) -> pb.DiffResponse:
        """No setting replaces resources by itself: a change of region shows at each resource's own diff."""
        return pb.DiffResponse()

    def Configure(self, request: Any, context: Context) -> pb.ConfigureResponse:
        """Asks AWS nothing: the account is looked up at the first real call."""
        args = decode(request.args)
        with self._guarded(context, "", args):
            if holds_unknown(args.props):
                raise Refused("the provider's configuration is not known before the update")
            self._operations = Operations(Connection(configure(args.props)))
            self._secret_default_tags = "defaultTags" in args.secrets
        return pb.ConfigureResponse(acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True)

    def Check(self, request: Any, context: Context) -> pb.CheckResponse:
        """Validates and completes inputs."""
        olds, news = decode(request.olds), decode(request.news)
        token, name = _type_and_name(request.urn)
        with self._guarded(context, token, news):
            proposed = request.autonaming.proposed_name if request.HasField("autonaming") else ""
            full, problems = self._configured().check(token, olds.props, news.props, proposed, name)
            failures = [pb.CheckFailure(property=path, reason=news.redacted(reason)) for path, reason in problems]
            return pb.CheckResponse(inputs=encode(full, self._secret_keys(news)), failures=failures)

    def Diff(self, request: Any, context: Context) -> pb.DiffResponse:
        """What an update would change, and whether it must replace."""
        news = decode(request.news)
        token, _ = _type_and_name(request.urn)
        with self._guarded(context, token, news):
            old_inputs = decode(request.old_inputs).props
            plan = self._configured().diff(token, decode(request.olds).props, old_inputs, news.props)
            ignored = set(request.ignoreChanges)
            return _diff_response(plan, ignored)

    def Create(self, request: Any, context: Context) -> pb.CreateResponse:
        """In a preview only says what it knows."""
        news = decode(request.properties)
        token, _ = _type_and_name(request.urn)
        with self._guarded(context, token, news, "creating"):
            if request.preview:
                outputs = self._configured().preview_create(token, news.props)
                return pb.CreateResponse(id="", properties=self._sealed(token, outputs, news))
            made = self._configured().create(token, news.props)
            if made.problem:
                self._half_made(context, token, made, news)
            return pb.CreateResponse(id=made.id, properties=self._sealed(token, made.outputs, news))

    def Read(self, request: Any, context: Context) -> pb.ReadResponse:
        """For refresh and import. An empty answer says that it is gone."""
        olds, old_inputs = decode(request.properties), decode(request.inputs)
        token, _ = _type_and_name(request.urn)
        with self._guarded(context, token, olds, "reading"):
            found = self._configured().read(token, request.id, olds.props, old_inputs.props)
            if found is None:
                return pb.ReadResponse()
            id_, outputs, inputs = found
            return pb.ReadResponse(
                id=id_,
                properties=self._sealed(token, outputs, old_inputs, olds),
                inputs=encode(inputs, self._secret_keys(old_inputs)),
            )

    def Update(self, request: Any, context: Context) -> pb.UpdateResponse:
        """In a preview only says what it knows; outputs that will move are unknown then."""
        olds, news = decode(request.olds), decode(request.news)
        token, _ = _type_and_name(request.urn)
        with self._guarded(context, token, news, "updating"):
            old_inputs = decode(request.old_inputs).props
            operations = self._configured()
            if request.preview:
                outputs = operations.preview_update(token, olds.props, old_inputs, news.props)
            else:
                outputs = operations.update(token, request.id, olds.props, old_inputs, news.props)
            return pb.UpdateResponse(properties=self._sealed(token, outputs, news))

    def Delete(self, request: Any, context: Context) -> empty_pb2.Empty:
        """Gone already is success."""
        olds = decode(request.properties)
        token, _ = _type_and_name(request.urn)
        with self._guarded(context, token, olds, "deleting"):
            self._configured().delete(token, request.id, olds.props)
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Context) -> pb.InvokeResponse:
        """The `get…` functions."""
        args = decode(request.args)
        with self._guarded(context, request.tok, args, "invoking"):
            if holds_unknown(args.props):
                return pb.InvokeResponse()
            answer = functions.invoke(self._configured().connection, request.tok, args.props)
            return pb.InvokeResponse(**{"return": encode(answer, functions.SECRET_RESULTS.get(request.tok, ()))})

    def Cancel(self, request: Any, context: Context) -> empty_pb2.Empty:
        """The engine was interrupted: what runs is finished, each call is bounded by its timeouts."""
        self.cancelled.set()
        return empty_pb2.Empty()

    def _configured(self) -> Operations:
        if self._operations is None:
            raise Refused("the provider was not configured")
        return self._operations

    @contextmanager
    def _guarded(self, context: Context, token: str, props: Decoded, doing: str = "") -> Iterator[None]:
        """Turns a failure into the RPC's, in one sentence without secrets."""
        try:
            yield
        except Exception as error:
            if context.code() is not None:  # already ended on purpose
                raise
            region = self._operations.region_of(props.props) if self._operations else "any region"
            prefix = " ".join(part for part in (doing, token) if part)
            text = explain(error, region)
            context.abort(grpc.StatusCode.UNKNOWN, props.redacted(f"{prefix}: {text}" if prefix else text))

    def _secret_keys(self, *declared: Decoded) -> set[str]:
        """Keys to seal; a secret tag seals `tagsAll` too."""
        secrets = {key for part in declared for key in part.secrets}
        return secrets | ({"tagsAll"} if "tags" in secrets or self._secret_default_tags else set())

    def _sealed(self, token: str, outputs: Props, *declared: Decoded) -> Any:
        """Outputs with every secret sealed, also those that are secret by their type."""
        return encode(outputs, self._secret_keys(*declared) | row_of(token).secrets)

    def _half_made(self, context: Context, token: str, made: Made, news: Decoded) -> None:
        """Ends the call such that the engine keeps the resource, with its error; the next update goes on with it."""
        reason = f"{token}: {news.redacted(made.problem or '')}"
        detail = pb.ErrorResourceInitFailed(
            id=made.id,
            properties=self._sealed(token, made.outputs, news),
            reasons=[reason],
            inputs=encode(news.props, self._secret_keys(news)),
        )
        packed = any_pb2.Any()
        packed.Pack(detail)
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason, details=[packed])
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(grpc.StatusCode.UNKNOWN, reason)


def _type_and_name(urn: str) -> tuple[str, str]:
    """`aws:ec2/vpc:Vpc` and the logical name, from a URN."""
    _, _, types, name = urn.split("::", 3)
    return types.rpartition("$")[2], name


def _diff_response(plan: Plan, ignored: set[str]) -> pb.DiffResponse:
    changes = {path: kind for path, kind in plan.changes.items() if path not in ignored}
    tops = {path.partition(".")[0].partition("[")[0] for path in changes}
    detailed = {
        path: pb.PropertyDiff(kind=_KINDS[kind, _is_under(path, plan)], inputDiff=True)
        for path, kind in changes.items()
    }
    return pb.DiffResponse(
        changes=pb.DiffResponse.DIFF_SOME if changes else pb.DiffResponse.DIFF_NONE,
        replaces=sorted(plan.replaces & tops),
        diffs=sorted(tops),
        deleteBeforeReplace=plan.delete_first,
        detailedDiff=detailed,
        hasDetailedDiff=True,
    )


def _is_under(path: str, plan: Plan) -> bool:
    return path.partition(".")[0].partition("[")[0] in plan.replaces
