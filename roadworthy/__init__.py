"""The launcher: runs the services and, on one machine, the parts that they need."""
