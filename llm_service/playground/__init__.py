"""Trying prompts: what is asked there, what a logged call gives to ask again, and a model's answer as it is written."""
