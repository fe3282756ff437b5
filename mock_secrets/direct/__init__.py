"""Direct access: a test reads and changes secrets, keys and identities without a client."""
