"""The HTTP face: body to command, result to body."""
