class Refused(Exception):
    """Something was not done and nothing was changed; the text says to a person why, and what to do."""
