"""An installation in which every address leads somewhere: an administrator and a row of each kind the product has.

A model that gets a page in the admin needs a row here, or it is reported by name.
"""

import base64
import hashlib
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Model
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import audit, audit_actions
from accounts.models import Device, User
from lib.models import UnsentMail
from llm_chat.actions import Terms, share
from llm_chat.models import Attachment, ChatMessage, ChatThread
from llm_service.actions import guardrails, providers
from llm_service.models import (
    Alert,
    AlertEvent,
    Budget,
    BudgetPeriod,
    CallAttempt,
    CallBody,
    Feedback,
    Guardrail,
    LLMCallLog,
    ModelPrice,
    Playground,
    Provider,
    SavedView,
    UserMonthlyUsage,
)
from llm_service.money import windows
from teams import actions, keys
from teams.actions import personal_team
from teams.models import ApiKey, Invitation, Membership, Team
from teams.permissions import Role

EMAIL = "boss@example.com"
PASSWORD = "boss-password-1"
LONG_NAME = "Maximiliane Alexandra von Habsburg-Lothringen and everyone she has ever worked with"

ARGUMENTS = {
    *("thread", "message", "share_token", "team", "person", "verification_key", "reset_person", "reset_key"),
    *("device", "passkey", "attachment"),
    *("user", "invitation", "token", "key", "provider", "guardrail"),
    *("error_page", "admin_app", "content_type"),
    *("call", "view", "playground"),
    *("budget", "alert"),
}
"""What a route may ask for."""


@dataclass(frozen=True)
class Scene:
    arguments: dict[str, str]
    rows: dict[str, str]
    """Model label -> key of a row, for each model the admin has pages about."""


def make() -> Scene:
    boss = User.objects.filter(email=EMAIL).first() or User.objects.create_superuser(EMAIL, PASSWORD, name="Robin Oak")
    guest = User.objects.create_user(f"guest-{User.objects.count()}@example.com", PASSWORD, name=LONG_NAME)
    thread = _thread(boss)
    call = _calls(boss, thread)
    _job()
    UnsentMail.objects.create(to=EMAIL, sender="parley@localhost", subject="Hello", text="Hello.", error="No answer.")
    Group.objects.get_or_create(name="Support")
    audit.record(action=audit_actions.SIGNED_IN, by=guest, target=guest, after={"method": "a password"})
    content_type = ContentType.objects.get_for_model(User).pk
    LogEntry.objects.create(user=boss, content_type_id=content_type, object_repr=EMAIL, action_flag=2)
    address, _ = EmailAddress.objects.get_or_create(user=guest, email=guest.email, defaults={"primary": True})
    EmailAddress.objects.get_or_create(user=boss, email=boss.email, defaults={"primary": True, "verified": True})
    verification = EmailConfirmation.create(address)
    verification.sent = timezone.now()
    verification.save()
    team, token = _team(boss, guest)
    budget, alert = _money(boss, team)
    arguments = {
        "call": str(call.pk),
        "view": str(SavedView.objects.create(team=personal_team(boss), user=boss, name="Failures").pk),
        "playground": str(_playground(boss).pk),
        "budget": str(budget.pk),
        "alert": str(alert.pk),
        "thread": str(thread.pk),
        "message": str(thread.leaf_id),
        "share_token": share(by=boss, thread_id=thread.pk, terms=Terms()).token,
        "team": str(team.pk),
        "user": str(guest.pk),
        "invitation": str(Invitation.objects.get(team=team).pk),
        "token": token,
        "key": str(_key(boss, team).pk),
        "provider": str(_provider(boss, team).pk),
        "guardrail": str(_guardrail(boss, team).pk),
        "person": str(guest.pk),
        "verification_key": verification.key,
        "reset_person": user_pk_to_url_str(guest),
        "reset_key": default_token_generator.make_token(guest),
        "device": str(Device.objects.create(user=boss, session_key=f"scene-{guest.pk}").pk),
        "attachment": str(_attachment(boss).pk),
        "passkey": str(_passkey(guest).pk),
        "error_page": "404",
        "admin_app": "accounts",
        "content_type": str(ContentType.objects.get_for_model(User).pk),
    }
    assert arguments.keys() == ARGUMENTS
    return Scene(arguments, {model._meta.label: _key_of_a_row(model) for model in admin.site._registry})


def _key_of_a_row(model: type[Model]) -> str:
    row = model._default_manager.first()
    if row is None:
        raise LookupError(f"The admin has pages about {model._meta.label}. Make a row of it in tests/scene.py.")
    return str(row.pk)


def _team(boss: User, guest: User) -> tuple[Team, str]:
    """Return a shared team with somebody to manage, and the secret of an invitation that waits."""
    links: list[str] = []
    now = timezone.now()
    team = actions.create(by=boss, name=LONG_NAME[:80], at=now)
    Membership.objects.create(team=team, user=guest, role=Role.EDITOR)

    def link(token: str) -> str:
        links.append(token)
        return f"https://chat.example.com/teams/invitations/{token}/"

    actions.invite(by=boss, team=team, email=f"new-{team.pk.hex}@example.com", role=Role.VIEWER, link=link, at=now)
    return team, links[0]


def _thread(person: User) -> ChatThread:
    thread = ChatThread.objects.create(team=personal_team(person), user=person, title="What a reply looks like")
    asked = ChatMessage.objects.create(thread=thread, role=ChatMessage.Role.USER, content="Show me a table.")
    thread.leaf = ChatMessage.objects.create(
        thread=thread,
        parent=asked,
        role=ChatMessage.Role.ASSISTANT,
        content="| Name | Size |\n|---|---|\n| Parley | small |\n\n```python\nprint('hello')\n```",
    )
    thread.save()
    return thread


def _attachment(person: User) -> Attachment:
    """A small picture, as the product itself makes one of any that is sent."""
    picture = base64.b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
    keys = [default_storage.save(f"attachments/scene/{uuid.uuid4().hex}", ContentFile(picture)) for _ in range(2)]
    return Attachment.objects.create(
        user=person, team=personal_team(person), kind=Attachment.Kind.IMAGE, name="A dot.webp", mime="image/webp",
        size=len(picture), width=1, height=1, token_count=1, file_key=keys[0], thumbnail_key=keys[1], is_stored=True,
        sha256=hashlib.sha256(picture).hexdigest(),
    )  # fmt: skip


def _key(person: User, team: Team) -> ApiKey:
    return keys.create(by=person, team=team, name="Nightly report", scopes=["threads.read"], expires_at=None)[0]


def _provider(person: User, team: Team) -> Provider:
    details = providers.Details(
        vendor="hosted_vllm", name="GPUs in the cellar", base_url="https://models.example.com/v1", key="a-key-" * 5,
        offered=("a-model-with-a-rather-long-name-2026-11-20",),
    )  # fmt: skip
    providers.set_rule(by=person, team=team, model="openai/gpt-4o", is_allowed=False, note="Use the newer one.")
    return providers.connect(by=person, team=team, details=details)


def _guardrail(person: User, team: Team) -> Guardrail:
    details = guardrails.Details("Projects nobody knows yet", kind="words", action="block", words=("canary-falcon",))
    return guardrails.add(by=person, team=team, details=details)


def _passkey(person: User) -> Authenticator:
    return Authenticator.objects.create(
        user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "Passkey", "credential": {}}
    )


def _calls(person: User, thread: ChatThread) -> LLMCallLog:
    body: dict[str, Any] = {"messages": [{"role": "user", "content": "Show me a table."}]}
    for model, status, error in (
        ("demo/parley", LLMCallLog.Status.SUCCESS, ""),
        ("openai/a-model-with-a-rather-long-name-2026-11-20", LLMCallLog.Status.ERROR, "rate_limited"),
    ):
        call = LLMCallLog.objects.create(
            model=model, status=status, error_type=error, user=person, thread_id=thread.pk, feature="chat",
            input_tokens=1204, output_tokens=312, duration_ms=2210,
        )  # fmt: skip
        CallBody.objects.create(call=call, request=body, response={"text": "A table."})
        CallAttempt.objects.create(call=call, number=1, started_at=call.created_at, http_status=200)
    assert thread.leaf_id
    Feedback.objects.create(
        user=person, call=call, message_id=thread.leaf_id, thread_id=thread.pk, rating="down", reason="wrong"
    )
    return call


def _playground(person: User) -> Playground:
    content = {
        "system": "You answer in one sentence.",
        "messages": [{"role": "user", "text": "What is a lighthouse for?"}],
        "tools": '[{"name": "look"}]',
        "models": ["demo/parley", "openai/a-model-that-is-gone"],
    }
    return Playground.objects.create(team=personal_team(person), user=person, name=LONG_NAME[:80], content=content)


def _money(person: User, team: Team) -> tuple[Budget, Alert]:
    budget = Budget.objects.create(team=team, limit=10, is_hard=False)
    BudgetPeriod.objects.create(
        budget=budget, starts_at=windows.start_of(budget.window, budget.zone, timezone.now()), spent="8.5"
    )
    alert = Alert.objects.create(team=team, threshold=10, webhook_url="https://hooks.example.com/parley")
    AlertEvent.objects.create(alert=alert, team=team, sentence="12 % of the calls of the last 15 minutes failed.")
    ModelPrice.objects.create(model="openai/our-own", provider="openai", input=1, output=2)
    month = timezone.now().date().replace(day=1)
    UserMonthlyUsage.objects.get_or_create(user=person, month=month, defaults={"calls": 3, "input_tokens": 900})
    return budget, alert


def _job() -> None:
    DBTaskResult.objects.create(
        task_path="lib.jobs.run",
        args_kwargs={"args": [], "kwargs": {}},
        backend_name="default",
        run_after=timezone.now() + timedelta(days=365),
        exception_class_path="",
        traceback="",
    )
