"""What a test can prove of its calls: least privilege, unused access, and no value in the log."""
