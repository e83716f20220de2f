"""Owns rate cards and quotes: what reconditioning will cost, and until when that holds."""
