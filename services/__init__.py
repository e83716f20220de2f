"""The services: each owns its data, and knows the others only by `shared.contracts`."""
