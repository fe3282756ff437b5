"""What a test can prove about its calls: least privilege, no unused access, no secret value in the log."""
