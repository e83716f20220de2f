"""Orders and their payments: what was bought, who paid for it, and how the work goes."""
