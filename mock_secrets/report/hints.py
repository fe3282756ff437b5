"""Hints for errors whose AWS message alone does not help: a table from the error to the function that explains it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from mock_secrets.aws.functions import read_function_arn
from mock_secrets.kernel import errors
from mock_secrets.kernel.arn import read_secret_arn, without_suffix
from mock_secrets.kernel.codes import AWSError
from mock_secrets.kernel.printable import printable
from mock_secrets.kernel.suggestions import did_you_mean
from mock_secrets.model.replicas import Replica, ReplicaStatus
from mock_secrets.model.secret import Secret
from mock_secrets.model.versions import AWSPENDING, Version
from mock_secrets.operations.context import Context
from mock_secrets.policy.document import Statement
from mock_secrets.policy.evaluation import Query, applies

_SHOWN = 5


class _Refusal(NamedTuple):
    """An error, and the call that failed with it."""

    error: AWSError
    ctx: Context

    @property
    def params(self) -> Mapping[str, Any]:
        return self.ctx.call.params

    @property
    def secret_id(self) -> str:
        named = self.params.get("SecretId", self.params.get("Name"))
        return named if isinstance(named, str) else ""

    @property
    def secret(self) -> Secret | None:
        return self.ctx.look_up(self.secret_id) if self.secret_id else None


def explain(error: AWSError, ctx: Context) -> str | None:
    """A hint for the error that a call failed with, or None."""
    for kind in type(error).__mro__:
        if kind in _HINTS:
            hint = _HINTS[kind](_Refusal(error, ctx))
            return None if hint is None else printable(hint)
    return None


# --- Finding a secret ---


def _not_found(refusal: _Refusal) -> str | None:
    ctx, wanted = refusal.ctx, _name_of(refusal.secret_id)
    here = ctx.region.name
    alike = [secret for secret in ctx.state.store if secret.name == wanted]
    replica = next((one for secret in alike if (one := secret.replicas.get(here)) is not None), None)
    if replica is not None and replica.status is not ReplicaStatus.IN_SYNC:
        return _unready(wanted, replica, ctx)
    elsewhere = [secret for secret in alike if secret.region != here]
    own = [secret for secret in elsewhere if secret.account_id == ctx.account_id]
    if own:
        return f"{wanted!r} is in {_listed(sorted({one.region for one in own}))}; this client is in {here}"
    others = sorted({secret.account_id for secret in alike if secret.account_id != ctx.account_id})
    if others:
        return (
            f"{wanted!r} is in account {_listed(others)}; this client is in account {ctx.account_id}."
            " From another account, use the secret's ARN"
        )
    return _misnamed(refusal, wanted)


def _misnamed(refusal: _Refusal, wanted: str) -> str | None:
    ctx = refusal.ctx
    there = {secret.name: secret for secret in ctx.region}
    arn = read_secret_arn(refusal.secret_id)
    if arn is not None and arn.resource in there:
        return (
            f"AWS reads {arn.resource[-7:]!r} at the end of an ARN as its suffix."
            f" Use {arn.resource!r} or the complete ARN"
        )
    if wanted in there:
        return f"the ARN of {wanted!r} is {there[wanted].arn}"
    near = did_you_mean(wanted, there).strip()
    if near:
        return near
    names = _listed(map(repr, there))
    return (
        f"secrets in {ctx.region.name} of account {ctx.account_id}: {names}"
        if there
        else (f"there is no secret in {ctx.region.name} of account {ctx.account_id}")
    )


def _name_of(secret_id: str) -> str:
    arn = read_secret_arn(secret_id)
    if arn is None:
        return secret_id
    return without_suffix(arn.resource) if arn.is_complete else arn.resource


def _unready(name: str, replica: Replica, ctx: Context) -> str:
    if replica.status is ReplicaStatus.FAILED:
        return f"the replica of {name!r} in {replica.region} has failed: {replica.message}"
    due, delay = replica.next_due(ctx.state.limits), ctx.state.limits.replication_delay
    until = f" until {_instant(due)}" if due is not None else ""
    return f"the replica of {name!r} in {replica.region} is InProgress{until}: Limits.replication_delay is {delay}"


def _of_primary(refusal: _Refusal) -> str | None:
    secret = refusal.secret
    return (
        None
        if secret is None
        else f"the primary secret is in {secret.primary_region}; this client is in {secret.region}"
    )


# --- Deletion ---


def _until_when(refusal: _Refusal) -> str | None:
    secret = refusal.secret
    if secret is None or secret.deleted_at is None or secret.purged_at is None:
        return None
    return (
        f"{secret.name!r} has been scheduled for deletion since {_instant(secret.deleted_at)}; its recovery window ends"
        f" at {_instant(secret.purged_at)}. Until then, RestoreSecret cancels the deletion"
    )


# --- Versions and labels ---


def _which_versions(refusal: _Refusal) -> str | None:
    secret = refusal.secret
    if secret is None:
        return None
    if len(secret.versions) == 0:
        return f"{secret.name!r} has no version"
    pending = secret.versions.dangling_pending()
    stage = refusal.params.get("VersionStage")
    if stage == AWSPENDING and pending is not None and pending.value is None:
        return f"version {pending.id} is AWSPENDING and has no value: a rotation started, but has not stored one"
    near = did_you_mean(stage, secret.versions.labelled) if isinstance(stage, str) else ""
    return f"versions of {secret.name!r}: {_listed(map(_version, list(secret.versions)[::-1]))}{near and '.'}{near}"


def _token(refusal: _Refusal) -> str | None:
    secret, token = refusal.secret, refusal.params.get("ClientRequestToken")
    version = secret.versions.get(token) if secret is not None and isinstance(token, str) else None
    if version is None:
        return None
    reuse = (
        ' token_reuse="documented" refuses a used token even with the same value'
        if refusal.ctx.state.documented_tokens
        else ""
    )
    return (
        f"the token is the id of the version created at {_instant(version.created_at)} ({_labels(version)})."
        f" Each new value needs a new token{reuse and '.'}{reuse}"
    )


def _pending_rotation(refusal: _Refusal) -> str | None:
    secret = refusal.secret
    left = None if secret is None else secret.versions.dangling_pending()
    if secret is None or left is None:
        return None
    run = secret.rotation.runs[-1] if secret.rotation is not None and secret.rotation.runs else None
    why = f". The last rotation run {run.outcome.value}" if run is not None else ""
    return f"AWSPENDING is on version {left.id}, created at {_instant(left.created_at)}, which does not have AWSCURRENT{why}"


def _version(version: Version) -> str:
    value = "" if version.value is not None else ", no value"
    return f"{version.id} ({_labels(version)}{value})"


def _labels(version: Version) -> str:
    return ", ".join(sorted(version.labels)) or "no label"


# --- Rotation functions ---


def _which_functions(refusal: _Refusal) -> str | None:
    secret = refusal.secret
    given = refusal.params.get("RotationLambdaARN")
    stored = secret.rotation.lambda_arn if secret is not None and secret.rotation is not None else None
    arn = given if isinstance(given, str) else stored
    parts = read_function_arn(arn) if arn is not None else None
    if parts is None:
        return None
    there = [function.arn for function in refusal.ctx.state.functions]
    same = [one for one in there if one.split(":")[6] == parts.name]
    if same:
        return f"{parts.name!r} is registered as {_listed(same)}, not as {arn}"
    near = did_you_mean(parts.name, [one.split(":")[6] for one in there])
    registered = f" Registered: {_listed(there)}" if there else ""
    call = f'backend.register_rotation_lambda("{parts.name}", handler)'
    return f"no function {parts.name!r} is registered. Register it with {call}.{near}{registered}".removesuffix(".")


# --- Keys ---


def _which_keys(refusal: _Refusal) -> str | None:
    keys = refusal.ctx.state.keys
    if not keys.strict:
        return None
    there = [name for key in keys for name in (*key.aliases, key.arn)]
    made = _listed(there) if there else "none"
    return f'with kms="strict", only keys created with backend.kms.create_key() exist: {made}'


# --- Permissions ---


def _missing_suffix(refusal: _Refusal) -> str | None:
    """Point out a statement that would allow the call if its resource ended with the suffix of a secret's ARN."""
    ctx = refusal.ctx
    check = ctx.state.identities.checks[-1] if ctx.state.identities.checks else None
    if check is None or check.allowed or not check.has_suffix:
        return None
    bare = Query(check.action, without_suffix(check.resource), check.query.context)
    secret = refusal.secret
    policies = [*(check.caller.policies or ()), *([secret.policy] if secret is not None and secret.policy else [])]
    short = [one for policy in policies for one in policy.statements if _allows(one, bare)]
    if not short:
        return None
    return (
        f"{short[0].name} of the policy names the ARN without the hyphen and the six characters that AWS appends to the"
        f' name. End its Resource with "-??????"'
    )


def _allows(statement: Statement, query: Query) -> bool:
    return statement.effect == "Allow" and applies(statement, query)


_HINTS: dict[type[AWSError], Callable[[_Refusal], str | None]] = {
    errors.SecretNotFound: _not_found,
    errors.ReplicaIsReadOnly: _of_primary,
    errors.MarkedForDeletion: _until_when,
    errors.NameScheduledForDeletion: _until_when,
    errors.VersionNotFound: _which_versions,
    errors.LabelNotFound: _which_versions,
    errors.LabelNotOnVersion: _which_versions,
    errors.RemoveFromMissing: _which_versions,
    errors.RemoveFromMismatch: _which_versions,
    errors.TokenInUse: _token,
    errors.RotationTokenInUse: _token,
    errors.PreviousRotationIncomplete: _pending_rotation,
    errors.LambdaNotInvocable: _which_functions,
    errors.KmsKeyNotFound: _which_keys,
    errors.NoIdentityPolicyAllows: _missing_suffix,
    errors.NoResourcePolicyAllows: _missing_suffix,
}


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z"


def _listed(names: Iterable[str]) -> str:
    listed = list(names)
    more = f", … {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(listed[:_SHOWN]) + more
