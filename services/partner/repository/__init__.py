"""Load and save; the SQL worth reading."""
