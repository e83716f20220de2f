"""Owns accounts, their API clients, and the tokens that these clients act with."""
