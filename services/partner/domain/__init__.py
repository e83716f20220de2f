"""Rules for accounts and tokens; no clock, no IO, no framework."""
