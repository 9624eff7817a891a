import re

from django.conf import settings


def test_mail_is_sent_by_one_module_alone() -> None:
    rooms = ("lib", "accounts", "teams", "llm_service", "bots", "llm_chat", "realtime")
    outside = re.compile(r"django\.core\.mail\b|\bsend_mail\(|EmailMessage\(")

    senders = {
        str(path.relative_to(settings.BASE_DIR))
        for room in rooms
        for path in (settings.BASE_DIR / room).rglob("*.py")
        if "tests" not in path.parts and outside.search(path.read_text())
    }

    # The adapter overrides allauth's method, the job carries its name.
    assert senders == {"lib/mail.py", "lib/mail_errors.py", "lib/tasks.py", "accounts/adapter.py"}
