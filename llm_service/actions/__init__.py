"""Writes of the pages about calls, models and who may call them."""
