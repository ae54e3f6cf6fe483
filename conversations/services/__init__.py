"""Writes of imported data."""
