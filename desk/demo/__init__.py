"""The demo workspace: an invented shop's support, the same on every machine but for today's date."""
