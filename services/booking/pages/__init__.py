"""The pages on which customers book: made on the server, complete without JavaScript."""
