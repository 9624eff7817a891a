"""Settings of a server whose static files are collected and compressed, as in production, in a throw-away folder."""

from pathlib import Path

from config.settings import *  # noqa: F403  all of it but two
from config.settings import MEDIA_ROOT

STATIC_ROOT = Path(MEDIA_ROOT).parent / "static"
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = False
