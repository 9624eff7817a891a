"""Where script that is not ours runs: pages without an origin, without network, framed by our own pages alone.

They need no cookie and hold nothing of anybody: the page that frames them hands in what they show
(`static/src/shared/sandbox_messages.ts`). Their policy is the wall; what no policy reaches is closed by
`static/src/sandbox/guard.ts` and by `frame-src` of the pages that frame them.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.csp import CSP
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from config.permissions_policy import HEADER as PERMISSIONS_POLICY

_NOTHING: dict[str, list[str]] = {
    "sandbox": ["allow-scripts"],
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "img-src": ["data:", "blob:"],
    "connect-src": [CSP.NONE],
    "frame-src": [CSP.NONE],
    "worker-src": [CSP.NONE],
    "form-action": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.SELF],
}
# The artifact brings its script along; no address is allowed, not even one of ours, and no document without the guard.
ARTIFACT: dict[str, list[str]] = {
    **_NOTHING,
    "script-src": [CSP.UNSAFE_INLINE],
    "media-src": ["data:", "blob:"],
    "font-src": ["data:"],
    "require-trusted-types-for": ["'script'"],
    "trusted-types": ["default"],
}
# The drawing's script is ours and comes from our own files; what a diagram says is never script.
DIAGRAM: dict[str, list[str]] = {**_NOTHING, "script-src": [CSP.SELF]}
MINUTES_KEPT = 5


@require_safe
@xframe_options_sameorigin
@csp_override(ARTIFACT)
def artifact(request: HttpRequest) -> HttpResponse:
    return _page(request, "sandbox/artifact.html", connects_to="()")


@require_safe
@xframe_options_sameorigin
@csp_override(DIAGRAM)
def diagram(request: HttpRequest) -> HttpResponse:
    return _page(request, "sandbox/diagram.html", connects_to="(response-origin)")


def _page(request: HttpRequest, template: str, *, connects_to: str) -> HttpResponse:
    response = render(request, template)
    # Chromium looks up and connects to where a frame wants to go before it asks whether the policy lets it.
    response["Connection-Allowlist"] = connects_to
    response[PERMISSIONS_POLICY] = ", ".join(f"{feature}=()" for feature in settings.PERMISSIONS_POLICY)
    response["Referrer-Policy"] = "no-referrer"
    response["X-DNS-Prefetch-Control"] = "off"
    response["Cache-Control"] = f"private, max-age={MINUTES_KEPT * 60}"
    return response
