"""Shapes of input and output of the API."""
