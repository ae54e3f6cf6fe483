"""Reads of coaching. Actor first; each says how many queries it makes."""
