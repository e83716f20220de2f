"""`python -m roadworthy` is `roadworthy`."""

from roadworthy.cli import app

app()
