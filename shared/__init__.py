"""What would lose or duplicate messages if each service had its own: nothing else belongs here."""
