"""What the notifier knows by itself: patterns, signatures, retries, endpoints and deliveries."""
