"""Which pages may frame others: those with replies, in which diagrams and previews stand in frames of `/sandbox/`.

Nothing in such a frame may take it to another site: a navigation of a frame is judged by the page it stands in.
"""

from typing import cast

from django.conf import settings
from django.utils.csp import CSP

FRAMES_OF_OURS: dict[str, list[str]] = {**cast("dict[str, list[str]]", settings.SECURE_CSP), "frame-src": [CSP.SELF]}
