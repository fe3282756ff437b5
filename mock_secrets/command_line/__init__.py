"""The command line: ``mock-secrets serve`` and what it needs."""
