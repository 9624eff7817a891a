import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse


@login_required
def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("chat")


@login_required
def thread(request: HttpRequest, thread_id: uuid.UUID) -> HttpResponse:
    return HttpResponse("chat")


@login_required
def threads_json(request: HttpRequest) -> HttpResponse:
    return HttpResponse("{}")


@login_required
def messages_json(request: HttpRequest, thread_id: uuid.UUID) -> HttpResponse:
    return HttpResponse("{}")
