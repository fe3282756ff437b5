"""GetRandomPassword."""

from mock_secrets.model.passwords import LOWERCASE, NUMBERS, PUNCTUATION, UPPERCASE, random_password
from mock_secrets.operations.context import Context
from mock_secrets.operations.registry import Response, operation


@operation("passwords", reads=True, about_secret=False)
def get_random_password(
    ctx: Context,
    *,
    password_length: int = 32,
    exclude_characters: str = "",
    exclude_numbers: bool = False,
    exclude_punctuation: bool = False,
    exclude_uppercase: bool = False,
    exclude_lowercase: bool = False,
    include_space: bool = False,
    require_each_included_type: bool = True,
) -> Response:
    types = {
        UPPERCASE: exclude_uppercase,
        LOWERCASE: exclude_lowercase,
        NUMBERS: exclude_numbers,
        PUNCTUATION: exclude_punctuation,
    }
    password = random_password(
        ctx.state.ids.random,
        password_length,
        [characters for characters, is_excluded in types.items() if not is_excluded],
        excluded=exclude_characters,
        space=include_space,
        require_each=require_each_included_type,
    )
    return {"RandomPassword": password}
