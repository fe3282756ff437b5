"""The policy language of IAM, which IAM, KMS and Secrets Manager share."""
