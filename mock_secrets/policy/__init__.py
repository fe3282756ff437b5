"""The IAM policy language, which IAM, KMS and Secrets Manager share."""
