"""TagResource and UntagResource, whose responses are empty."""

from collections.abc import Sequence

from mock_secrets.kernel.errors import TagsLockOut
from mock_secrets.model.secret import Secret
from mock_secrets.operations import permissions
from mock_secrets.operations.context import Context
from mock_secrets.operations.registry import operation


@operation("tags")
def tag_resource(ctx: Context, *, secret_id: str, tags: Sequence[dict[str, str]]) -> None:
    secret = ctx.find_readable_primary(secret_id)
    _change(ctx, secret, secret.tagged(tag_pairs(tags), ctx.state.limits))


@operation("tags")
def untag_resource(ctx: Context, *, secret_id: str, tag_keys: Sequence[str]) -> None:
    secret = ctx.find_readable_primary(secret_id)
    _change(ctx, secret, secret.untagged(tag_keys))


def _change(ctx: Context, secret: Secret, tags: dict[str, str] | None) -> None:
    """Set a secret's tags, unless that would lock the caller out (documentation of TagResource)."""
    if not permissions.would_allow(ctx, secret, tags):
        raise TagsLockOut
    secret.tags = tags
    secret.mark_changed(ctx.at)


def tag_pairs(tags: Sequence[dict[str, str]]) -> list[tuple[str, str]]:
    """A request's tags as pairs of key and value, each of which may be missing in the request."""
    return [(tag.get("Key", ""), tag.get("Value", "")) for tag in tags]
