"""A small shop that keeps its settings and its database's password in AWS Secrets Manager."""
