"""The API of samples, queue and reviews."""
