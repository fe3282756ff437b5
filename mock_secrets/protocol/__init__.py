"""What calls look like: the JSON 1.1 wire, and the checks that AWS makes on a request by itself."""
