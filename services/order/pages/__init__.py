"""The pages that payers see: made on the server, complete without JavaScript."""
