"""One function per command: each opens its transactions, and answers after the commit."""
