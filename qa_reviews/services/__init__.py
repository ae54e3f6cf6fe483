"""Writes of samples, queue and reviews: one transaction and one audit row each."""
