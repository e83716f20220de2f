"""The HTTP face: bodies to commands, results to bodies."""
