from typing import Any

from django.conf import settings
from django.core import mail as outside
from django.core.mail import EmailMultiAlternatives

from lib import mail

CONFIRM = "account/email/email_confirmation"
LINK = {"email": "ada@example.com", "activate_url": "https://chat.example.com/accounts/verify-email/abc/"}


def html_of(message: EmailMultiAlternatives) -> str:
    return str(message.alternatives[0][0])


def confirmation(**context: Any) -> EmailMultiAlternatives:
    return mail.render(CONFIRM, to="ada@example.com", context={**LINK, **context})


def test_a_mail_says_the_same_as_text_and_as_html() -> None:
    message = confirmation()

    assert [kind for _, kind in message.alternatives] == ["text/html"]
    assert LINK["activate_url"] in message.body
    assert f'href="{LINK["activate_url"]}"' in html_of(message)
    assert "Parley sent this to ada@example.com." in message.body
    assert "Parley sent this to ada@example.com." in html_of(message)


def test_a_name_full_of_signs_is_escaped_in_the_html_alone() -> None:
    message = confirmation(email="o'neill&<b>@example.com")

    assert "o'neill&<b>@example.com" in message.body
    assert "o&#x27;neill&amp;&lt;b&gt;@example.com" in html_of(message)


def test_a_subject_is_one_line_whatever_is_put_into_it(settings: Any) -> None:
    settings.SITE_NAME = "Ask\r\nBcc: everyone@example.com"

    assert confirmation().subject == "Confirm your e-mail address for Ask Bcc: everyone@example.com"


def test_a_mail_written_as_text_alone_gets_the_frame_too() -> None:
    message = mail.render("account/email/password_changed", to="ada@example.com", context={"ip": "192.0.2.7"})

    assert "192.0.2.7" in html_of(message)
    assert 'class="mail-sheet' in html_of(message)
    assert html_of(message).count("Parley sent this") == 1


def test_a_sent_mail_goes_to_one_person_from_the_product() -> None:
    mail.send(CONFIRM, to="ada@example.com", context=LINK)

    sent = outside.outbox[-1]
    assert (sent.to, sent.cc, sent.bcc, sent.from_email) == (["ada@example.com"], [], [], settings.DEFAULT_FROM_EMAIL)
