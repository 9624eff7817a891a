"""How a reply is read off the wire. This package alone knows LiteLLM's and aiohttp's internals (pinned version)."""
