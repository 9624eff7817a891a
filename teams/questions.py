"""The page that asks once before something is taken away: what goes with it, and two ways on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import HttpResponse
from django.shortcuts import render

from teams.requests import TeamRequest


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, what goes away in sentences, and the label of the button that does it."""

    asked: str
    goes: list[str]
    action: str
    otherwise: str = ""
    """The label of the way back; empty for that of most."""
    entered: Mapping[str, str] = field(default_factory=dict)
    """What was entered before it was asked, sent along with the answer."""


def page(request: TeamRequest, question: Question, *, back: str) -> HttpResponse:
    """Ask on a page of the team; the same address, posted to, is the answer. `back` is where nothing has changed."""
    return render(request, "teams/question.html", {"question": question, "back": back})
