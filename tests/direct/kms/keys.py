"""Keys in the state that a test needs."""


def put_into(state, key, backend):
    if state == "Disabled":
        key.disable()
    elif state in {"PendingDeletion", "Deleted"}:
        key.schedule_deletion(7)
    if state == "Deleted":
        backend.clock.advance(days=7)
