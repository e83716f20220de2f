"""Load and save, one file for each thing that is kept."""
