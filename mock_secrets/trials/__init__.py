"""Proofs by trial: rotation functions, applications during a rotation, and functions under faults, run many times."""
