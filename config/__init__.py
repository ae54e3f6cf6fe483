"""Wiring: settings, addresses, Celery, the servers. Imported by no app."""
