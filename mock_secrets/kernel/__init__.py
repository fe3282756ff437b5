"""The foundation of all other packages: time, ids, the lock, errors, regions, calls, limits and parameters."""
