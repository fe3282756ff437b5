"""The form of calls: the JSON 1.1 wire format, and the checks that AWS makes on a request alone."""
