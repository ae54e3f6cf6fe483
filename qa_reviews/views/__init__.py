"""The pages of samples, queue and reviews."""
