"""Ways in which a key becomes unusable."""

from tables import rows


def disable(key, backend):
    key.disable()


def schedule_deletion(key, backend):
    key.schedule_deletion()


def delete(key, backend):
    key.schedule_deletion(7)
    backend.clock.advance(days=7)


unusable = rows("spoil", [disable, schedule_deletion, delete])
