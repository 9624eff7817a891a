"""Text from outside, made fit for every database and every frame."""


def storable(text: str) -> str:
    """Return the text without NUL, and with a replacement character for each half of a surrogate pair.

    PostgreSQL refuses the one, UTF-8 has no form for the other, and models and tools produce both.
    """
    if "\x00" in text:
        text = text.replace("\x00", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
