"""The HTTP face: bodies and answers."""
