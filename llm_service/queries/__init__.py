"""Reads over the calls and their sums."""
