"""Tells everyone who needs to know: webhooks, emails, and the log of what happened."""
