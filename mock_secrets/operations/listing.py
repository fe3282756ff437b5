"""Many secrets at once: ListSecrets and BatchGetSecretValue."""

from collections.abc import Sequence
from functools import partial
from math import ceil
from random import Random
from typing import Any

from mock_secrets.kernel.codes import AWSError
from mock_secrets.kernel.errors import (
    BothIdsAndFilters,
    FilterWithoutKey,
    FilterWithoutValues,
    NeitherIdsNorFilters,
    PagesOfIds,
)
from mock_secrets.model.filters import Filter, matches
from mock_secrets.model.secret import Secret
from mock_secrets.operations import views
from mock_secrets.operations.context import Context
from mock_secrets.operations.paging import DEFAULT_SIZE, page
from mock_secrets.operations.permissions import authorise
from mock_secrets.operations.registry import Response, operation
from mock_secrets.operations.values import get_secret_value

#: GUESS: the same number as BatchGetSecretValue accepts ids.
_BATCH_SIZE = 20

# GUESS: the share of short pages that are empty. The first page never is, as it would have no token to continue from.
_EMPTY = 0.2


@operation("listing", reads=True, about_secret=False)
def list_secrets(
    ctx: Context,
    *,
    include_planned_deletion: bool = False,
    max_results: int | None = None,
    next_token: str | None = None,
    filters: Sequence[dict[str, Any]] = (),
    sort_order: str = "asc",
    sort_by: str = "created-date",
) -> Response:
    read = _read_filters(filters)
    size = _shortened(ctx, max_results, next_token) if ctx.state.limits.short_pages else max_results
    shown, token = page(
        partial(ctx.region.orders.listed, sort_by, read, descending=sort_order == "desc"),
        _scope(ctx, "ListSecrets", include_planned_deletion, read, sort_by, sort_order),
        size,
        next_token,
        wanted=partial(_is_listed, read, with_deleted=include_planned_deletion),
    )
    if ctx.reads_late:
        shown = [seen for secret in shown if (seen := ctx.seen(secret, secret.name)) is not None]
    return {"SecretList": [views.list_entry(secret) for secret in shown]} | views.next_token(token)


def _shortened(ctx: Context, size: int | None, token: str | None) -> int:
    """The size of a page that may be short or empty (API reference of 2018; reported: aws/aws-sdk-js#2774)."""
    drawn = Random(ctx.call.request_id).random()  # noqa: S311 - reproducible on purpose, not for security
    if token is not None and drawn < _EMPTY:
        return 0
    return max(1, ceil((size or DEFAULT_SIZE) * drawn))


@operation("batch", reads=True, about_secret=False, also={"filters": "ListSecrets"})
def batch_get_secret_value(
    ctx: Context,
    *,
    secret_id_list: Sequence[str] = (),
    filters: Sequence[dict[str, Any]] = (),
    max_results: int | None = None,
    next_token: str | None = None,
) -> Response:
    if secret_id_list and filters:
        raise BothIdsAndFilters
    if not secret_id_list and not filters:
        raise NeitherIdsNorFilters
    if secret_id_list and (max_results is not None or next_token is not None):
        raise PagesOfIds
    token = None
    if filters:
        read = _read_filters(filters)
        found, token = page(
            partial(ctx.region.orders.listed, "created-date", read, descending=False),
            _scope(ctx, "BatchGetSecretValue", read),
            max_results or _BATCH_SIZE,
            next_token,
            wanted=partial(_is_listed, read, with_deleted=False),
        )
        secret_id_list = [secret.arn for secret in found]
    return _values(ctx, secret_id_list) | views.next_token(token)


def _values(ctx: Context, secret_ids: Sequence[str]) -> Response:
    """The current values, and an error for each that can't be read; one error does not fail the others."""
    values: list[Response] = []
    errors: list[Response] = []
    for secret_id in secret_ids:
        try:
            authorise(ctx, "GetSecretValue", {"secret_id": secret_id})
            values.append(get_secret_value(ctx, secret_id=secret_id))
            ctx.log_part("GetSecretValue", secret_id, None)
        except AWSError as error:
            ctx.log_part("GetSecretValue", secret_id, error)
            errors.append({"SecretId": secret_id, "ErrorCode": error.code, "Message": error.message})
    return {"SecretValues": values, "Errors": errors}


def _is_listed(filters: Sequence[Filter], secret: Secret, *, with_deleted: bool) -> bool:
    return (with_deleted or secret.deleted_at is None) and matches(filters, secret)


def _scope(ctx: Context, *listing: object) -> str:
    """The scope in which a token is valid: this listing, however the request spells it, in this account and region."""
    return f"{ctx.region.account_id} {ctx.region.name} {listing}"


def _read_filters(given: Sequence[dict[str, Any]]) -> tuple[Filter, ...]:
    return tuple(map(_filter, given))


def _filter(given: dict[str, Any]) -> Filter:
    """Read a filter of ListSecrets or BatchGetSecretValue.

    :raises FilterWithoutKey, FilterWithoutValues: if a part is missing.
    """
    if "Key" not in given:
        raise FilterWithoutKey
    if not given.get("Values"):
        raise FilterWithoutValues(key=given["Key"])
    return Filter(given["Key"], tuple(given["Values"]))
