"""What every room stands on: time, ids, the lock, errors, regions, calls, limits and parameters."""
