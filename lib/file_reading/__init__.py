"""What is in a file somebody sent: `reader.read` has it opened by a process of its own that can be killed."""
