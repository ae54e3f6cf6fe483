"""Writes of coaching: rules, runs, what they propose, and the life of an assignment."""
