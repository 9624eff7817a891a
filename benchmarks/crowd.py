"""A person with many teams, and a team with many members: what `benchmarks.people` opens pages of.

What belongs to the person alone (conversations, sign-ins, devices) is the same in a crowd of any size; all that others
bring grows with them.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts import audit_actions
from accounts.models import AuditEntry, User
from llm_chat.models import ChatMessage, ChatThread
from llm_service.models import Guardrail, Provider
from teams import actions
from teams import audit_actions as team_audit
from teams.models import ApiKey, Invitation, Membership, Team
from teams.permissions import Role, Scope

THREADS_EACH = 10
OWN_THREADS = 60
MESSAGES = 60
IN_OTHER_TEAMS = 4
AT_ONCE = 2_000


@dataclass(frozen=True)
class Crowd:
    cookie: str
    pages: dict[str, str]
    """What the table calls a page -> its address."""


def make(*, members: int, teams: int, entries_each: int = 20) -> Crowd:
    person = User.objects.create_user("person@example.com", "a-long-password-1", name="Ada Lovelace")
    team = actions.create(by=person, name="The crowd", at=timezone.now())
    others = User.objects.bulk_create(
        (User(email=f"member{number:04}@example.com", name=f"Member {number}") for number in range(members - 1)),
        batch_size=AT_ONCE,
    )
    _join(team, others)
    _other_teams(person, others, teams - 1)
    everybody = [person, *others]
    _invitations_and_keys(team, everybody)
    _entries(team, everybody, entries_each)
    thread = _conversations(team, person, others)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as a database that has been up for a while has done by itself
    return Crowd(signed_in(person), _pages(team, others[len(others) // 2], thread))


def _join(team: Team, people: list[User]) -> None:
    roles = [Role.EDITOR, Role.VIEWER, Role.EDITOR, Role.ADMIN]
    Membership.objects.bulk_create(
        (Membership(team=team, user=one, role=roles[n % len(roles)]) for n, one in enumerate(people)),
        batch_size=AT_ONCE,
    )


def _other_teams(person: User, others: list[User], count: int) -> None:
    """The person owns the first of them, and is a member of the rest."""
    teams = Team.objects.bulk_create(Team(name=f"Team {number:03}") for number in range(count))
    for number, team in enumerate(teams):
        start = number * IN_OTHER_TEAMS % max(1, len(others) - IN_OTHER_TEAMS)
        inside = others[start : start + IN_OTHER_TEAMS]
        Membership.objects.create(team=team, user=person, role=Role.OWNER if number == 0 else Role.EDITOR)
        Membership.objects.bulk_create(
            Membership(team=team, user=one, role=Role.EDITOR if place else Role.OWNER)
            for place, one in enumerate(inside)
        )


def _invitations_and_keys(team: Team, people: list[User]) -> None:
    now = timezone.now()
    Invitation.objects.bulk_create(
        Invitation(
            team=team, email=f"guest{number:04}@example.com", role=Role.VIEWER, token_hash=f"{number:064}",
            invited_by=one, expires_at=now + Invitation.LASTS,
        )
        for number, one in enumerate(people)
    )  # fmt: skip
    ApiKey.objects.bulk_create(
        ApiKey(
            team=team, name=f"Report {number}", scopes=[Scope.CHAT, Scope.READ_USAGE], prefix=f"parley_{number:08}",
            hashed=f"{number:064}", created_by=one, expires_at=now + timedelta(days=365),
        )
        for number, one in enumerate(people)
    )  # fmt: skip


def _entries(team: Team, people: list[User], each: int) -> None:
    now = timezone.now()
    of_team = (
        AuditEntry(
            action=team_audit.ROLE_CHANGED.name, team_id=team.pk, actor=people[0], actor_label=people[0].email,
            target_type="user", target_id=str(one.pk), target_label=one.email, address="127.0.0.1",
            user_agent="Firefox", before={"role": "viewer"}, after={"role": "editor"}, created_at=now,
        )
        for _ in range(each)
        for one in people
    )  # fmt: skip
    sign_ins = (
        AuditEntry(
            action=audit_actions.SIGNED_IN.name, actor=one, actor_label=one.email, target_type="user",
            target_id=str(one.pk), target_label=one.email, address="127.0.0.1", after={"method": "a password"},
            created_at=now,
        )
        for _ in range(each)
        for one in people
    )  # fmt: skip
    for entries in (of_team, sign_ins):
        while batch := list(islice(entries, AT_ONCE)):
            AuditEntry.objects.bulk_create(batch)


def _conversations(team: Team, person: User, others: list[User]) -> ChatThread:
    """Return one of the person's threads, which has a long history."""
    now = timezone.now()
    ChatThread.objects.bulk_create(
        (
            ChatThread(team=team, user=one, title=f"Talk {number}", last_message_at=now - timedelta(minutes=number))
            for number in range(THREADS_EACH)
            for one in others
        ),
        batch_size=AT_ONCE,
    )
    own = ChatThread.objects.bulk_create(
        ChatThread(team=team, user=person, title=f"Talk {number}", last_message_at=now - timedelta(minutes=number))
        for number in range(OWN_THREADS)
    )
    return _talk(own[0], MESSAGES)


def a_talk(*, email: str, messages: int) -> ChatThread:
    """Give a person one conversation of so many messages."""
    person = User.objects.get(email=email)
    thread = ChatThread.objects.create(team=actions.personal_team(person), user=person, title=f"{messages} messages")
    return _talk(thread, messages)


def _talk(thread: ChatThread, messages: int) -> ChatThread:
    rows: list[ChatMessage] = []
    for number in range(messages):
        role = ChatMessage.Role.ASSISTANT if number % 2 else ChatMessage.Role.USER
        above = rows[-1] if rows else None
        rows.append(ChatMessage(thread=thread, parent=above, role=role, content=f"Word {number}. " * 20))
    ChatMessage.objects.bulk_create(rows, batch_size=AT_ONCE)
    thread.leaf = rows[-1]
    thread.save()
    return thread


def signed_in(person: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _guardrail(team: Team) -> UUID:
    made = [Guardrail(team=team, name=f"Rule {number}", kind="words", words=["a", "b"]) for number in range(20)]
    return Guardrail.objects.bulk_create(made)[0].pk


def _provider(team: Team) -> UUID:
    made = [
        Provider(
            team=team,
            slug=f"cellar-{team.pk.hex[:8]}-{number}",
            vendor="hosted_vllm",
            name=f"Cellar {number}",
            offered=["a", "b"],
        )
        for number in range(50)
    ]
    return Provider.objects.bulk_create(made)[0].pk


def _pages(team: Team, member: User, thread: ChatThread) -> dict[str, str]:
    def of_team(name: str, *more: object) -> str:
        return reverse(f"teams:{name}", args=[team.pk, *more])

    return {
        "chat": reverse("llm_chat:home"),
        "a conversation": reverse("llm_chat:thread", args=[thread.pk]),
        "list of conversations (JSON)": reverse("llm_chat:threads"),
        "tags (JSON)": reverse("llm_chat:tags"),
        "search (JSON)": f"{reverse('llm_chat:search')}?q=word",
        "history of a conversation (JSON)": reverse("llm_chat:messages", args=[thread.pk]),
        "models (JSON)": reverse("llm_chat:models"),
        "presets (JSON)": reverse("llm_chat:presets"),
        "prompts (JSON)": reverse("llm_chat:prompts"),
        "context of a conversation (JSON)": reverse("llm_chat:context", args=[thread.pk]),
        "chat settings": reverse("llm_chat:settings"),
        "settings: import": reverse("llm_chat:imports"),
        "settings: shared links": reverse("llm_chat:links"),
        "one's teams": reverse("teams:list"),
        "one's teams, searched": f"{reverse('teams:list')}?q=eam+00",
        "a new team": reverse("teams:new"),
        "members": of_team("team"),
        "members, the last page": f"{of_team('team')}?after={_last_page_after(team)}",
        "members, searched": f"{of_team('team')}?q=member000",
        "remove a member": of_team("remove", member.pk),
        "invitations": of_team("invitations"),
        "API keys": of_team("keys"),
        "models": reverse("team_models:list", args=[team.pk]),
        "connect a provider": reverse("team_models:connect", args=[team.pk]),
        "change a provider": reverse("team_models:change", args=[team.pk, _provider(team)]),
        "a rule for a model": reverse("team_models:rule", args=[team.pk]),
        "guardrails": reverse("team_models:guardrails", args=[team.pk]),
        "add a guardrail": reverse("team_models:add_guardrail", args=[team.pk]),
        "change a guardrail": reverse("team_models:change_guardrail", args=[team.pk, _guardrail(team)]),
        "audit log": of_team("audit"),
        "audit log, one action": f"{of_team('audit')}?action={team_audit.ROLE_CHANGED.name}",
        "audit log, one person": f"{of_team('audit')}?target=member0003",
        "audit log, nothing found": f"{of_team('audit')}?target=nobody",
        "audit log, an old day": f"{of_team('audit')}?until=2020-01-01",
        "team settings": of_team("settings"),
        "hand over": of_team("transfer"),
        "leave": of_team("leave"),
        "delete the team": of_team("delete"),
        "what is kept of calls": reverse("operations:keeping", args=[team.pk]),
        "budgets and limits": reverse("money:limits", args=[team.pk]),
        "alerts": reverse("money:alerts", args=[team.pk]),
        "what a person used": reverse("money:usage"),
        "settings: general": reverse("account_settings"),
        "settings: account": reverse("account_own"),
        "settings: sign-in": reverse("mfa_index"),
        "settings: devices": reverse("account_devices"),
        "settings: history": reverse("account_history"),
        "settings: your data": reverse("account_data"),
        "delete the account": reverse("account_delete"),
    }


def _last_page_after(team: Team) -> str:
    """Return the place in the list after which ten members are left, or all but the first."""
    emails = Membership.objects.filter(team=team).order_by("-user__email").values_list("user__email", flat=True)
    return list(emails[:11])[-1]
