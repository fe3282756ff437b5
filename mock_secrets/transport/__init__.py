"""How calls arrive, from botocore or over HTTP, and the network guard that refuses calls to other services."""
