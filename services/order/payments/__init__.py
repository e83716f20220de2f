"""Whoever moves the money: the port, and its adapters."""
