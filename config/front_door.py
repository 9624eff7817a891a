"""What is at `/`: the way to one's conversations, or for a stranger what this is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("llm_chat:home")
    return render(request, "landing.html")
