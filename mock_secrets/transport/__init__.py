"""How calls arrive: from botocore in this process. What leads out of it while a mock is active is refused."""
