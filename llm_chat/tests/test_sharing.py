import json
import re
import uuid
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from accounts import personal_data
from accounts.audit import sentence_as_text
from accounts.models import AuditEntry, User
from llm_chat import actions, previews
from llm_chat.models import Attachment, ChatMessage, ChatThread, SharedThread
from teams.actions import personal_team
from teams.models import Membership, Team
from teams.permissions import Role


@pytest.fixture
def anna(db: None) -> User:
    return User.objects.create_user("anna@example.com", "anna-password-1", name="Anna Archer")


@pytest.fixture
def thread(anna: User) -> ChatThread:
    return a_thread(anna, personal_team(anna))


def a_thread(person: User, team: Team, **more: Any) -> ChatThread:
    thread = ChatThread.objects.create(team=team, user=person, title="Otters <at> sea", rev=4, **more)
    say(thread, "user", "Why do otters hold hands?")
    say(thread, "assistant", "So that **nobody** drifts away.", model="demo/parley", reasoning="A private thought")
    return thread


def say(thread: ChatThread, role: str, content: str, **more: Any) -> ChatMessage:
    row = ChatMessage.objects.create(thread=thread, parent=thread.leaf, role=role, content=content, **more)
    thread.leaf = row
    thread.rev += 1
    thread.save()
    return row


def post(client: Client, thread_id: uuid.UUID, **wish: Any) -> Any:
    return client.post(f"/chat/api/threads/{thread_id}/share/", json.dumps(wish), content_type="application/json")


def path_of(answer: Any) -> str:
    return "/share/" + str(answer.json()["link"]["address"]).partition("/share/")[2]


@pytest.fixture
def link(client: Client, anna: User, thread: ChatThread) -> str:
    client.force_login(anna)
    return path_of(post(client, thread.id))


def test_a_link_is_readable_by_anybody_and_told_to_no_search_engine(link: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        page = Client().get(link)

    assert page.status_code == 200
    assert "Otters &lt;at&gt; sea" in page.text
    assert "So that **nobody** drifts away." in page.text
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert page["Referrer-Policy"] == "no-referrer"
    assert '<meta name="robots" content="noindex, nofollow">' in page.text
    assert len(asked) <= 10
    assert len(link.split("/")[2]) >= 32


def test_nothing_personal_is_on_it_unless_the_name_was_chosen(client: Client, link: str, thread: ChatThread) -> None:
    without = Client().get(link).text
    post(client, thread.id, shows_name=True)
    named = Client().get(link).text

    for page in (without, named):
        assert "anna@example.com" not in page
        assert "A private thought" not in page
        assert str(thread.id) not in page
    assert "Anna Archer" not in without
    assert "Shared by Anna Archer" in named


def test_a_person_without_a_name_is_not_called_by_their_address(anna: User, thread: ChatThread) -> None:
    anna.name = ""

    assert actions.share(by=anna, thread_id=thread.id, terms=actions.Terms(shows_name=True)).shown_name == ""


def test_later_messages_are_on_it_only_after_an_update(client: Client, link: str, thread: ChatThread) -> None:
    thread.refresh_from_db()
    say(thread, "user", "And at night?")
    say(thread, "assistant", "Still being written", status="running")

    assert "And at night?" not in Client().get(link).text
    assert client.get(f"/chat/api/threads/{thread.id}/share/").json()["link"]["is_behind"] is True
    assert path_of(post(client, thread.id)) == link
    page = Client().get(link).text
    assert "And at night?" in page
    assert "Still being written" not in page


def test_a_branch_that_is_not_shown_is_not_shared(client: Client, anna: User, thread: ChatThread) -> None:
    ChatMessage.objects.create(thread=thread, parent=thread.leaf, role="user", content="Another branch")
    client.force_login(anna)

    assert "Another branch" not in Client().get(path_of(post(client, thread.id))).text


def test_a_link_that_ran_out_says_so_and_shows_nothing(link: str, thread: ChatThread) -> None:
    SharedThread.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    page = Client().get(link)

    assert page.status_code == 404
    assert "This link has run out" in page.text
    assert thread.title not in page.text
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    SharedThread.objects.update(expires_at=None)
    assert Client().get(link).status_code == 200


def test_a_link_of_a_deleted_thread_does_not_say_that_it_ran_out(anna: User, link: str, thread: ChatThread) -> None:
    SharedThread.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    actions.change_threads(by=anna, thread_ids=[thread.id], change=actions.Change(deleted=True))

    assert "There is nothing at this link" in Client().get(link).text


def test_revoked_and_unknown_links_look_alike(client: Client, link: str, thread: ChatThread) -> None:
    unknown = Client().get("/share/not-a-token-that-anybody-has/")
    post(client, thread.id, revoke=True)
    revoked = Client().get(link)
    picture = Client().get(f"{link}preview.png")

    assert {page.status_code for page in (unknown, revoked, picture)} == {404}
    assert len({plain(page.text) for page in (unknown, revoked, picture)}) == 1
    assert "There is nothing at this link" in revoked.text
    assert revoked["X-Robots-Tag"] == "noindex, nofollow"


def plain(page: str) -> str:
    return re.sub(r'nonce="[^"]*"', "", page)


@pytest.mark.parametrize(("lasts", "days"), [("1d", 1), ("7d", 7), ("30d", 30), ("never", None)])
def test_a_link_lasts_as_long_as_was_chosen(anna: User, thread: ChatThread, lasts: Any, days: int | None) -> None:
    made = actions.share(by=anna, thread_id=thread.id, terms=actions.Terms(lasts=lasts))

    left = made.expires_at and made.expires_at - timezone.now()
    assert (left and round(left / timedelta(days=1))) == days


def test_a_link_that_is_updated_may_run_out_when_it_would_have(anna: User, thread: ChatThread) -> None:
    made = actions.share(by=anna, thread_id=thread.id, terms=actions.Terms(lasts="7d"))
    updated = actions.share(by=anna, thread_id=thread.id, terms=actions.Terms(lasts="keep"))
    updated.refresh_from_db()

    assert updated.expires_at == made.expires_at
    assert updated.expires_at is not None


def test_deleting_the_thread_or_the_account_ends_the_link(client: Client, anna: User, link: str, thread: ChatThread):
    actions.change_threads(by=anna, thread_ids=[thread.id], change=actions.Change(deleted=True))
    assert Client().get(link).status_code == 404
    actions.change_threads(by=anna, thread_ids=[thread.id], change=actions.Change(deleted=False))
    assert Client().get(link).status_code == 200
    anna.delete()

    assert Client().get(link).status_code == 404
    assert not SharedThread.objects.exists()


def test_leaving_the_team_ends_the_link_for_good(client: Client, anna: User) -> None:
    team = Team.objects.create(name="Harbour")
    place = Membership.objects.create(team=team, user=anna, role=Role.EDITOR)
    shared = actions.share(by=anna, thread_id=a_thread(anna, team).id, terms=actions.Terms())
    address = f"/share/{shared.token}/"
    assert Client().get(address).status_code == 200
    place.delete()

    assert Client().get(address).status_code == 404
    assert actions.erase_dead_links() == 1
    Membership.objects.create(team=team, user=anna, role=Role.EDITOR)
    assert Client().get(address).status_code == 404


def test_a_team_hears_of_links_in_its_audit_log_without_what_was_shared(client: Client, link: str, thread: ChatThread):
    post(client, thread.id, lasts="7d")
    post(client, thread.id, revoke=True)
    entries = list(AuditEntry.objects.filter(team_id=thread.team_id, action__startswith="share_link").order_by("id"))

    assert [sentence_as_text(entry) for entry in entries] == [
        "Anna Archer shared a conversation by a link",
        "Anna Archer updated a shared conversation",
        "Anna Archer revoked the link to a conversation",
    ]
    assert not any("Otters" in entry.target_label for entry in entries)


def test_a_temporary_an_empty_and_a_foreign_thread_cannot_be_shared(client: Client, anna: User) -> None:
    team = personal_team(anna)
    ben = User.objects.create_user("ben@example.com", "ben-password-1")
    client.force_login(anna)

    assert post(client, a_thread(anna, team, temporary=True).id).status_code == 409
    assert post(client, ChatThread.objects.create(team=team, user=anna).id).status_code == 409
    assert post(client, a_thread(ben, personal_team(ben)).id).status_code == 404
    assert post(client, a_thread(anna, team).id, lasts="forever").status_code == 400
    assert not SharedThread.objects.exists()


def test_the_preview_is_a_picture_of_the_title_that_needs_no_sign_in(link: str) -> None:
    page = Client().get(link)
    address = page.text.partition('property="og:image" content="')[2].partition('"')[0]
    answer = Client().get("/share/" + address.partition("/share/")[2])

    assert answer["Content-Type"] == "image/png"
    picture = Image.open(BytesIO(answer.content))
    assert (picture.format, picture.size) == ("PNG", previews.SIZE)
    assert len(answer.content) < 100_000


@pytest.mark.parametrize("title", ["", "a" * 500, "日本語のタイトル", "Ωμέγα Привет Ünïcode", "🦦🦦🦦", "\n`" * 40])
def test_a_preview_is_drawn_of_any_title(title: str) -> None:
    assert Image.open(BytesIO(previews.drawn(title, title * 9))).size == previews.SIZE


def test_a_signed_in_reader_goes_on_in_a_copy_of_their_own(link: str, thread: ChatThread) -> None:
    ben = User.objects.create_user("ben@example.com", "ben-password-1")
    reader = Client()
    assert reader.get(f"{link}continue/")["Location"].startswith("/accounts/login/?next=/share/")
    reader.force_login(ben)
    assert "Otters &lt;at&gt; sea" in reader.get(f"{link}continue/").text
    led_to = reader.post(f"{link}continue/")["Location"]

    copy = ChatThread.objects.get(user=ben)
    assert led_to == f"/chat/{copy.id}/"
    assert (copy.title, copy.team) == (thread.title, personal_team(ben))
    assert list(copy.messages.order_by("created_at").values_list("content", flat=True)) == [
        "Why do otters hold hands?",
        "So that **nobody** drifts away.",
    ]
    assert copy.leaf
    assert copy.leaf.parent
    assert copy.leaf.parent.role == "user"


def test_ones_links_are_listed_and_can_be_revoked_there(client: Client, link: str, thread: ChatThread) -> None:
    page = client.get("/chat/settings/links/")
    assert link in page.text
    assert client.post(f"/chat/settings/links/{thread.id}/revoke/").status_code == 302
    assert Client().get(link).status_code == 404
    assert "Nothing is shared" in client.get("/chat/settings/links/").text


def test_the_list_of_links_pages_by_key_and_asks_no_more_for_many(client: Client, anna: User) -> None:
    team = personal_team(anna)
    for number in range(35):
        thread = ChatThread.objects.create(team=team, user=anna)
        SharedThread.objects.create(thread=thread, team=team, user=anna, title=f"Link {number:02}")
    client.force_login(anna)
    client.get("/chat/settings/links/")
    with CaptureQueriesContext(connection) as asked:
        first = client.get("/chat/settings/links/")
    second = client.get(f"/chat/settings/links/?before={first.context['next']}")

    titles = [link.title for page in (first, second) for link, _, _ in page.context["rows"]]
    assert titles == [f"Link {number:02}" for number in reversed(range(35))]
    assert len(asked) <= 10
    assert client.get("/chat/settings/links/?before=nonsense").status_code == 200


def test_links_are_in_ones_own_file(anna: User, thread: ChatThread) -> None:
    actions.share(by=anna, thread_id=thread.id, terms=actions.Terms())
    (rows,) = [content for name, content in personal_data.export(anna) if name == "shared_links.json"]

    assert [row["title"] for row in rows] == ["Otters <at> sea"]  # type: ignore[attr-defined]


def with_picture(thread: ChatThread) -> Attachment:
    """Put a picture to a message of a thread, as an upload leaves it."""
    out = BytesIO()
    Image.new("RGB", (8, 6), "teal").save(out, "PNG")
    key = default_storage.save("attachments/otter", ContentFile(out.getvalue()))
    row = Attachment.objects.create(
        user=thread.user, team=thread.team, kind="image", name="me-at-home.png", mime="image/png",
        size=len(out.getvalue()), width=8, height=6, file_key=key, is_stored=True, sha256="0" * 64,
    )  # fmt: skip
    told = {"id": str(row.id), "kind": "image", "name": row.name, "width": 8, "height": 6}
    row.messages.add(say(thread, "user", "Look", attachments=[told]))
    return row


def test_pictures_are_on_it_only_if_they_were_chosen(
    client: Client, anna: User, thread: ChatThread, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    picture = with_picture(thread)
    client.force_login(anna)
    link = path_of(post(client, thread.id))
    address = f"{link}pictures/{picture.id}/"
    without, hidden = Client().get(link).text, Client().get(address)
    post(client, thread.id, with_images=True)
    chosen, shown = Client().get(link).text, Client().get(address)

    assert "1 file not shown here" in without
    assert hidden.status_code == 404
    assert address in chosen
    assert "me-at-home" not in chosen
    assert (shown.status_code, shown["Content-Type"], shown["X-Robots-Tag"]) == (200, "image/png", "noindex, nofollow")
    assert Client().get(f"{link}pictures/{uuid.uuid4()}/").status_code == 404
    assert client.get(f"/chat/api/threads/{thread.id}/share/").json()["has_pictures"] is True
    post(client, thread.id, revoke=True)
    assert Client().get(address).status_code == 404
