"""Reads of samples, queue and reviews; each says how many queries it makes."""
