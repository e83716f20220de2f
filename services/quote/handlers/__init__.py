"""One function a command; each opens the one transaction that its effect and its events share."""
