"""The direct doors: secrets, keys and identities looked at and changed by a test without a client."""
