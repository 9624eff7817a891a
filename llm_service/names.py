"""How models are named. `openai/gpt-4o` is LiteLLM's own way; `@acme-4fk2/openai/gpt-4o` says which connection of a
team (or of the whole site) it is reached through.
"""


def real_name(model: str) -> str:
    """Return the name as LiteLLM, its prices and its abilities know it."""
    return model.partition("/")[2] if model.startswith("@") else model


def connection_of(model: str) -> str:
    """Return the `slug` of the connection that a model is reached through; empty for the server's own."""
    return model[1:].partition("/")[0] if model.startswith("@") else ""


def through(slug: str, model: str) -> str:
    return f"@{slug}/{model}"
