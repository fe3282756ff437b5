"""The AWS services around Secrets Manager, as far as its behaviour depends on them."""
