"""What a call goes through: its path, due events, rotation, faults and rate quotas."""
