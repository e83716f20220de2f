"""Workshops, what they offer and when; the bookings made with them, and what follows a visit."""
