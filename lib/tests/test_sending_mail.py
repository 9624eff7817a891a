import logging
import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from lib import jobs, mail
from lib.job_workers import run_all_due
from lib.models import UnsentMail
from lib.tests.conftest import Serve
from tests.mail_server import Script

pytestmark = pytest.mark.django_db(transaction=True)


def send(to: str = "ada@example.com") -> None:
    mail.send("lib/email/test", to=to)


def make_all_due() -> None:
    DBTaskResult.objects.update(run_after=timezone.now() - timedelta(seconds=1))


def try_until_given_up() -> int:
    tries = 0
    while tries < 20:
        make_all_due()
        if not run_all_due():
            return tries
        tries += 1
    return tries


def test_a_mail_arrives_with_both_parts_and_leaves_nothing_behind(serve: Serve) -> None:
    server = serve()

    send()
    run_all_due()

    arrived = server.wait_for("ada@example.com")
    assert [part.get_content_type() for part in arrived.iter_parts()] == ["text/plain", "text/html"]
    assert (arrived["From"], arrived["Subject"]) == ("parley@chat.example.com", "Mail from Parley works")
    assert not UnsentMail.objects.exists()


def test_a_page_never_waits_for_the_mail_server(serve: Serve) -> None:
    serve(Script(is_silent=True))

    began = time.monotonic()
    send()

    assert time.monotonic() - began < 5
    assert UnsentMail.objects.count() == 1


def test_a_change_that_is_taken_back_sends_no_mail(serve: Serve) -> None:
    server = serve()

    with pytest.raises(KeyError), transaction.atomic():
        send()
        raise KeyError
    run_all_due()

    assert server.mails == []
    assert not UnsentMail.objects.exists()


def test_a_mail_that_could_not_be_sent_is_tried_again(serve: Serve) -> None:
    server = serve(Script({"MAIL": "451 busy"}))
    send()
    run_all_due()
    waiting = UnsentMail.objects.get()

    server.script = Script()
    make_all_due()
    run_all_due()

    assert (waiting.tries, waiting.given_up_at) == (1, None)
    assert "busy" in waiting.error
    assert server.wait_for("ada@example.com")
    assert not UnsentMail.objects.exists()


def test_a_mail_nobody_takes_is_given_up_with_a_reason_in_the_log_and_without_its_text(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    serve(Script({"CONNECT": "421 closed for today"}))
    send()

    with caplog.at_level(logging.ERROR, logger="lib.mail"):
        tries = try_until_given_up()

    row = UnsentMail.objects.get()
    assert (tries, row.tries) == (mail.TRIES, mail.TRIES)
    assert row.given_up_at
    assert (row.text, row.html) == ("", "")
    assert "closed for today" in row.error
    assert [record.getMessage() for record in caplog.records if record.name == "lib.mail"] == [
        f"A mail is given up: {row.error}"
    ]


def test_an_address_that_does_not_exist_is_not_tried_again(serve: Serve) -> None:
    serve(Script({"RCPT": "550 5.1.1 No such user"}))
    send()

    assert try_until_given_up() == 1
    assert UnsentMail.objects.get().given_up_at


def test_a_mail_is_sent_once_when_its_job_runs_twice(serve: Serve) -> None:
    server = serve()
    send()
    mail_id = UnsentMail.objects.get().id
    run_all_due()

    jobs.enqueue("lib.send_mail", mail_id=mail_id)
    run_all_due()

    assert len(server.mails) == 1


def test_what_was_never_sent_loses_its_text_in_a_day_and_its_trace_in_two_weeks(serve: Serve) -> None:
    serve()
    send()
    UnsentMail.objects.update(created_at=timezone.now() - timedelta(days=2))

    mail.forget_unsent()
    row = UnsentMail.objects.get()
    UnsentMail.objects.update(given_up_at=timezone.now() - timedelta(days=15))
    mail.forget_unsent()

    assert (row.text, row.html) == ("", "")
    assert not UnsentMail.objects.exists()


def test_the_next_try_waits_longer_each_time(serve: Serve) -> None:
    serve(Script({"MAIL": "451 busy"}))
    send()
    waits = []
    for _ in range(3):
        make_all_due()
        run_all_due()
        next_run = DBTaskResult.objects.get(status=TaskResultStatus.READY).run_after
        assert next_run
        waits.append((next_run - timezone.now()).total_seconds())

    assert 40 < waits[0] < 80 < waits[1] < 150 < waits[2] < 300
