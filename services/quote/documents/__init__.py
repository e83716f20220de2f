"""A quote on paper and as a page: what `GET` shows, for people to read."""
