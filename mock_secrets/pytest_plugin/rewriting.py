"""Keeps pytest from rewriting the asserts of this package.

pytest rewrites those of every package that contains a plugin, so that a failing assert explains itself. No test fails
in an assert of this package, and rewriting all of its modules takes longer than the rest of a small run: at the first
start, and at every start where no bytecode is kept, for example in a container.
"""

import sys


def leave_out(package: str) -> None:
    """Make pytest import the modules of a package unchanged from now on.

    This uses private attributes of pytest's import hook, guarded by a contract test. If they are missing, the modules
    are rewritten as usual.
    """
    for finder in sys.meta_path:
        marked, looked_up = getattr(finder, "_must_rewrite", None), getattr(finder, "_marked_for_rewrite_cache", None)
        if isinstance(marked, set) and isinstance(looked_up, dict):
            marked -= {name for name in marked if f"{name}.".startswith(f"{package}.")}
            looked_up.clear()
