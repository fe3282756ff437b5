"""pytest rewrites the asserts of the packages that plugins come in, so that a failing one explains itself.

No test fails in an assert of this package, and the rewriting of all its modules takes longer than the rest of a small
run: at every start where no bytecode is kept, in a container say, and at the first one elsewhere.
"""

import sys


def leave_out(package: str) -> None:
    """Have pytest import the modules of a package as they are, from now on.

    What its hook keeps is private, so a contract test guards it; without it, the modules are rewritten as before.
    """
    for finder in sys.meta_path:
        marked, looked_up = getattr(finder, "_must_rewrite", None), getattr(finder, "_marked_for_rewrite_cache", None)
        if isinstance(marked, set) and isinstance(looked_up, dict):
            marked -= {name for name in marked if f"{name}.".startswith(f"{package}.")}
            looked_up.clear()
