"""Secrets Manager as plain Python: no wire names, no botocore, no clock; instants and ids come as arguments."""
