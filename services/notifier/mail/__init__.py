"""Mails: rendered from an event, and handed to a mail server."""
