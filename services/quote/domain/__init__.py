"""Prices and rules; no clock, no IO, no framework."""
