import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEntry, User
from llm_service.models import CallAttempt, CallBody, Feedback, LLMCallLog

LIST = "/admin/llm_service/llmcalllog/"


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com", "root-password-1"))
    return client


@pytest.fixture
def log(alice: User) -> LLMCallLog:
    made = LLMCallLog.objects.create(model="openai/gpt-4o", status="success", user=alice, turn_id=uuid.uuid4())
    CallBody.objects.create(call=made, request={"messages": "<b>asked</b>"}, response={"text": "answered"})
    CallAttempt.objects.create(call=made, number=1, started_at=made.created_at, http_status=200)
    return made


def test_the_list_shows_calls_and_touches_no_body(admin: Client, log: LLMCallLog):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = admin.get(LIST, secure=True)

    assert page.status_code == 200
    assert b"openai/gpt-4o" in page.content
    assert b"unknown" in page.content
    assert not any("callbody" in query["sql"] or "response_preview" in query["sql"] for query in queries)


def test_the_list_makes_no_query_per_row(admin: Client, alice: User):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            admin.get(LIST, secure=True)
        return len(queries)

    count()  # the first page of a session also notes the device
    LLMCallLog.objects.create(model="a", status="success", user=alice)
    few = count()
    LLMCallLog.objects.bulk_create(LLMCallLog(model="b", status="error", user=alice) for _ in range(20))

    assert count() == few


@pytest.mark.parametrize("query", ["q=gpt", "q=alice@example.com", "status__exact=success", "q=req-1"])
def test_the_list_can_be_searched_and_filtered(admin: Client, log: LLMCallLog, query: str):
    assert admin.get(f"{LIST}?{query}", secure=True).status_code == 200


def test_a_call_shows_its_attempts_and_its_body_escaped(admin: Client, log: LLMCallLog):
    page = admin.get(reverse("admin:llm_service_llmcalllog_change", args=[log.pk]), secure=True)

    assert page.status_code == 200
    assert b"&lt;b&gt;asked" in page.content
    assert b"answered" in page.content


def test_logs_cannot_be_added_changed_or_deleted(admin: Client, log: LLMCallLog):
    change = reverse("admin:llm_service_llmcalllog_change", args=[log.pk])

    assert admin.get(f"{LIST}add/", secure=True).status_code == 403
    assert admin.post(change, {"model": "x"}, secure=True).status_code == 403
    assert admin.post(change.replace("change", "delete"), {"post": "yes"}, secure=True).status_code == 403
    log.refresh_from_db()
    assert log.model == "openai/gpt-4o"


def said_about(log: LLMCallLog, person: User, **more: str) -> Feedback:
    log.message_id = uuid.uuid4()
    log.save()
    said = {"rating": "down", "reason": "wrong", "text": "<i>no</i>"} | more
    return Feedback.objects.create(user=person, call=log, message_id=log.message_id, thread_id=uuid.uuid4(), **said)


def test_feedback_stands_beside_its_call_in_the_list_and_on_its_page(admin: Client, log: LLMCallLog, alice: User):
    said = said_about(log, alice)

    page = admin.get(reverse("admin:llm_service_llmcalllog_change", args=[log.pk]), secure=True)

    assert "Bad" in admin.get(LIST, secure=True).text
    assert "Bad: Wrong" in page.text
    assert "&lt;i&gt;no" in page.text
    assert reverse("admin:llm_service_feedback_change", args=[said.pk]) in page.text


@pytest.mark.parametrize(("chosen", "found"), [("down", 1), ("up", 0), ("text", 1)])
def test_calls_can_be_filtered_by_their_feedback(admin: Client, log: LLMCallLog, alice: User, chosen: str, found: int):
    said_about(log, alice)
    LLMCallLog.objects.create(model="other", status="success")

    page = admin.get(f"{LIST}?feedback={chosen}", secure=True)

    assert len(page.context["cl"].result_list) == found


def test_feedback_has_a_list_of_its_own_that_can_only_be_read(admin: Client, log: LLMCallLog, alice: User):
    said = said_about(log, alice)
    address = "/admin/llm_service/feedback/"

    assert "&lt;i&gt;no" in admin.get(f"{address}?rating__exact=down&q=no", secure=True).text
    assert admin.get(f"{address}{said.pk}/change/", secure=True).status_code == 200
    assert admin.post(f"{address}{said.pk}/delete/", {"post": "yes"}, secure=True).status_code == 403


def test_the_list_says_what_the_filtered_calls_come_to(admin: Client, alice: User):
    for status, cost in (("success", "0.25"), ("success", "0.5"), ("error", "3")):
        LLMCallLog.objects.create(model="a", status=status, user=alice, cost_usd=cost, total_tokens=10)

    page = admin.get(f"{LIST}?status__exact=success", secure=True).text

    assert "<strong>2</strong> calls" in page
    assert "$0.75" in page


def test_looking_at_what_was_said_is_told_to_the_audit_log(admin: Client, log: LLMCallLog):
    admin.get(f"{LIST}{log.pk}/change/", secure=True)

    entry = AuditEntry.objects.get(action="call.read")
    assert (entry.actor_label, entry.target_id) == ("root@example.com", str(log.pk))
