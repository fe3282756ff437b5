"""What is tried out many times over: rotation functions, applications during a rotation, functions under faults."""
