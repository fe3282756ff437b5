"""What a call goes through: its path, what falls due, rotation, and the quotas of rate."""
