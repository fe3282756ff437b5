"""Secrets Manager in plain Python: no wire names, no botocore, no clock. Instants and ids are arguments."""
