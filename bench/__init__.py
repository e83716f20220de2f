"""Each figure of the performance table is a script here: a ratio to a baseline of the same run."""
