"""TagResource and UntagResource, which answer nothing."""

from collections.abc import Sequence

from mock_secrets.operations.context import Context
from mock_secrets.operations.registry import operation


@operation
def tag_resource(ctx: Context, *, secret_id: str, tags: Sequence[dict[str, str]]) -> None:
    secret = ctx.find_readable_primary(secret_id)
    secret.tag(tag_pairs(tags), ctx.limits)
    secret.note_change(ctx.at)


@operation
def untag_resource(ctx: Context, *, secret_id: str, tag_keys: Sequence[str]) -> None:
    secret = ctx.find_readable_primary(secret_id)
    secret.untag(tag_keys)
    secret.note_change(ctx.at)


def tag_pairs(tags: Sequence[dict[str, str]]) -> list[tuple[str, str]]:
    """A request's tags as keys and values; either may be missing from it."""
    return [(tag.get("Key", ""), tag.get("Value", "")) for tag in tags]
