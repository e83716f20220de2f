"""The delivery engine: who sends to which endpoint, what is sent next, and what came of it."""
