"""Who gets in where: every address of the resolver, for everybody there is. A route without a rule fails."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve

from accounts.models import Device, User
from teams import actions, keys
from teams.models import Membership, Team
from teams.permissions import Permission, Role, Scope, may
from tests import scene

OPEN = {
    "front_door", "choose_language", "manifest", "service_worker", "offline",
    "help", "help_admins", "help_developers", "gallery", "gallery_error_page", "teams:invitation",
    "share:page", "share:preview", "share:picture",
    "account_login", "account_logout", "account_inactive", "account_signup", "account_email_verification_sent",
    "account_resend_verification", "account_confirm_email", "account_verify_required", "account_reset_password",
    "account_reset_password_done", "account_reset_password_from_key", "account_reset_password_from_key_done",
    "mfa_authenticate", "mfa_login_webauthn", "sandbox_artifact", "sandbox_diagram",
}  # fmt: skip
"""Strangers come here to get in, or to read what is for everybody."""

ONES_OWN = {
    "llm_chat:home", "llm_chat:settings", "llm_chat:threads", "llm_chat:change_threads", "llm_chat:search",
    "llm_chat:tags", "llm_chat:change_tag",
    "llm_chat:models", "llm_chat:presets", "llm_chat:change_preset",
    "llm_chat:links", "share:copy",
    "llm_chat:imports", "teams:list", "teams:new", "teams:own_keys",
    "llm_chat:attach", "llm_chat:prompts", "llm_chat:change_prompt",
    "account_reauthenticate",
    "account_change_password", "account_set_password", "mfa_index", "mfa_reauthenticate", "mfa_activate_totp",
    "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
    "mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn", "account_devices",
    "account_sign_out_others", "account_history", "account_settings", "account_own", "account_change_email",
    "operations:overview", "operations:calls", "operations:rows", "operations:save_view",
    "operations:calls_csv", "operations:calls_jsonl",
    "money:usage",
    "operations:playground", "operations:run_playground", "operations:run_playground_tool",
    "operations:save_playground", "operations:playground_numbers",
    "account_sign_out_device", "account_keep_email", "account_data", "account_theme", "account_delete",
}  # fmt: skip
"""Show and change nothing but what belongs to whoever is signed in."""

ANOTHERS = {
    "llm_chat:thread", "llm_chat:messages", "llm_chat:branch", "llm_chat:fork", "llm_chat:feedback", "llm_chat:details",
    "llm_chat:leave_temporary",
    "llm_chat:change_settings", "llm_chat:context",
    "llm_chat:share", "llm_chat:revoke_link", "llm_chat:export",
    "llm_chat:attachment", "llm_chat:thumbnail",
    "mfa_remove_webauthn", "mfa_edit_webauthn",
    "operations:call", "operations:words", "operations:forget_view",
    "operations:kept_playground", "operations:change_playground",
}  # fmt: skip
"""Name a thing of one person; for everybody else it is not there."""

ADMIN = "admin:"
ADMIN_FOR_ALL = {"admin:logout", "admin:jsi18n"}
"""Signing out, and the words of the admin's scripts."""
INSIDERS = (Role.VIEWER, Role.EDITOR, Role.ADMIN, Role.OWNER)
METHODS = ("get", "post")


def test_every_route_has_one_rule(addresses: dict[str, str]) -> None:
    rules = {
        name: [name in OPEN, name in ONES_OWN, name in ANOTHERS, name.startswith(ADMIN), name in of_a_team(addresses)]
        for name in addresses
    }

    assert [name for name, hits in rules.items() if sum(hits) != 1] == []
    assert (OPEN | ONES_OWN | ANOTHERS) - addresses.keys() == set()


def test_every_address_with_a_team_says_what_a_member_must_be_allowed(addresses: dict[str, str]) -> None:
    team = team_of(addresses)
    with_team = {name for name, at in addresses.items() if f"/{team.pk}/" in at and not name.startswith(ADMIN)}

    assert with_team == of_a_team(addresses).keys()


@pytest.mark.parametrize("who", ["a stranger", "an API key"])
@pytest.mark.parametrize("method", METHODS)
def test_who_is_not_signed_in_gets_in_nowhere_but_where_it_is_open(
    addresses: dict[str, str], who: str, method: str
) -> None:
    headers = {"authorization": f"Bearer {an_api_key(addresses)}"} if who == "an API key" else {}
    guarded = {name: address for name, address in addresses.items() if name not in OPEN | ADMIN_FOR_ALL}

    entered = {name for name, address in guarded.items() if is_in(ask(Client(), method, address, headers=headers))}

    assert entered == set()


@pytest.mark.parametrize("who", ["somebody else", "a member who was removed"])
@pytest.mark.parametrize("method", METHODS)
def test_a_team_is_not_there_for_whoever_is_not_in_it(addresses: dict[str, str], who: str, method: str) -> None:
    team = team_of(addresses)
    client = signed_in(team, Role.ADMIN)
    person = person_of(client)
    if who == "somebody else":
        Membership.objects.filter(team=team, user=person).delete()
    else:
        actions.remove(by=User.objects.get(email=scene.EMAIL), team=team, user_id=person.pk)

    for address in [addresses[name] for name in of_a_team(addresses)]:
        answer = ask(client, method, address)
        missing = ask(client, method, address.replace(str(team.pk), str(uuid.uuid4())))
        assert (answer.status_code, plain(answer)) == (404, plain(missing)), address


@pytest.mark.parametrize("role", INSIDERS)
def test_a_member_gets_in_where_the_role_lets_them(addresses: dict[str, str], role: Role) -> None:
    client = signed_in(team_of(addresses), role)

    for name, permissions in of_a_team(addresses).items():
        if may(role, *permissions):
            assert ask(client, "get", addresses[name]).status_code in {200, 302, 405}, name
        else:
            assert ask(client, "get", addresses[name]).status_code in {403, 405}, name
            assert ask(client, "post", addresses[name]).status_code == 403, name


@pytest.mark.parametrize("method", METHODS)
def test_what_is_somebody_elses_looks_as_if_it_were_not_there(addresses: dict[str, str], method: str) -> None:
    client = signed_in(team_of(addresses), Role.OWNER)

    entered = {name for name in ANOTHERS if is_in(ask(client, method, addresses[name]))}

    assert entered == set()


def test_nobody_signs_out_somebody_elses_device(addresses: dict[str, str]) -> None:
    client = signed_in(team_of(addresses), Role.OWNER)

    ask(client, "post", addresses["account_sign_out_device"])

    assert Device.objects.filter(user__email=scene.EMAIL).exists()


@pytest.mark.parametrize("name", ["llm_chat:thread", "llm_chat:messages"])
def test_a_foreign_thread_is_answered_like_a_missing_one(addresses: dict[str, str], name: str) -> None:
    client = signed_in(team_of(addresses), Role.OWNER)
    (thread_id,) = re.findall(r"[0-9a-f-]{36}", addresses[name])

    foreign = client.get(addresses[name])
    missing = client.get(addresses[name].replace(thread_id, str(uuid.uuid4())))

    assert (foreign.status_code, plain(foreign)) == (404, plain(missing))


@pytest.mark.parametrize("method", METHODS)
def test_the_admin_is_for_staff_alone(addresses: dict[str, str], method: str) -> None:
    client = signed_in(team_of(addresses), Role.OWNER)
    admin = {name for name in addresses if name.startswith(ADMIN)} - ADMIN_FOR_ALL

    entered = {name for name in admin if is_in(ask(client, method, addresses[name]))}

    assert entered == set()


# --- The people and what they get -------------------------------------------------------------------------------------


def ask(client: Client, method: str, address: str, **more: Any) -> Any:
    send: Callable[..., Any] = getattr(client, method)
    return send(address, **more)


def is_in(answer: Any) -> bool:
    """Tell whether an answer is more than a refusal or a way to the sign-in page."""
    if answer.status_code == 302:
        return not answer["Location"].startswith(("/accounts/login/", "/accounts/reauthenticate/", "/admin/login/"))
    return bool(answer.status_code < 400)


def plain(answer: Any) -> str:
    """Return the page without what differs from answer to answer."""
    return re.sub(r'(nonce|value|content)="[\w-]{16,}"|[0-9a-f]{32}|[0-9a-f-]{36}', "", answer.text)


def team_of(addresses: dict[str, str]) -> Team:
    return Team.objects.get(pk=re.findall(r"[0-9a-f-]{36}", addresses["teams:team"])[0])


def of_a_team(addresses: dict[str, str]) -> dict[str, tuple[Permission, ...]]:
    """Return what each address of a team asks for."""
    views = {name: resolve(address) for name, address in addresses.items()}
    return {
        name: match.func.permissions
        for name, match in views.items()
        if "team_id" in match.kwargs and hasattr(match.func, "permissions")
    }


def signed_in(team: Team, role: Role) -> Client:
    person = User.objects.create_user(f"{role}@example.com", "some-password-1")
    Membership.objects.create(team=team, user=person, role=role)
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def person_of(client: Client) -> User:
    return User.objects.get(pk=client.session["_auth_user_id"])


def an_api_key(addresses: dict[str, str]) -> str:
    owner = User.objects.get(email=scene.EMAIL)
    return keys.create(by=owner, team=team_of(addresses), name="All of it", scopes=list(Scope.values), expires_at=None)[
        1
    ]
