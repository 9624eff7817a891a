"""Text from outside, made fit for every database and every frame."""

from django.http import HttpRequest


def query_text(request: HttpRequest, name: str) -> str:
    """Return what the address says after `?name=`, fit for a query; empty where it says nothing."""
    return storable(request.GET.get(name, "")).strip()


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
