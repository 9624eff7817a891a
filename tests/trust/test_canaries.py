"""No secret is where it must not be (R25).

A real server is given secrets that can be recognised, people with secrets of their own use all of it, much of it fails,
and then everything it said, logged and stored is searched.
"""

import base64
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from accounts.tests.test_second_step import code_of
from tests import mail_server, scene
from tests.mail_server import MailServer
from tests.servers import MODEL, ROOT, Deployment, Web, deployment, wait_until
from tests.services import free_port
from tests.trust.canaries import Browser, Canaries, Heard, canary, chat, columns, part_after

pytestmark = pytest.mark.timeout(360)  # the first test waits until all that has been lived through

ANNA, BEN = "anna@example.com", "ben@example.com"

MAY_HOLD = {
    "django_session.session_key": ("session",),
    "django_session.session_data": ("session", "reset link"),
    "accounts_device.session_key": ("session",),
    "account_emailconfirmation.key": ("verification",),
    "lib_unsentmail.text": ("reset link not sent yet",),
    "lib_unsentmail.html": ("reset link not sent yet",),
}
"""Columns that hold what opens a door as it is: a session is found by its key, a link is listed for staff until it is
used or runs out, a mail waits until it is sent, and a reset link in the session of whoever opened it. Whoever reads the
database could sign in as somebody for as long as these last."""


@dataclass
class Evidence:
    """What one life of an installation left behind."""

    canaries: Canaries = field(default_factory=Canaries)
    heard: list[Heard] = field(default_factory=list)
    commands: list[Heard] = field(default_factory=list)
    logs: list[Heard] = field(default_factory=list)
    cells: list[Heard] = field(default_factory=list)
    files: list[Heard] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    job_errors: list[str] = field(default_factory=list)


def test_no_answer_holds_a_secret_but_where_it_is_shown_once(lived: Evidence) -> None:
    assert lived.canaries.leaks(lived.heard) == []


def test_no_log_line_holds_a_secret(lived: Evidence) -> None:
    assert lived.canaries.leaks(lived.logs) == []


def test_no_command_prints_a_secret(lived: Evidence) -> None:
    assert lived.canaries.leaks(lived.commands) == []


def test_no_column_holds_a_secret_that_can_be_read(lived: Evidence) -> None:
    leaks = {
        f"{name} in {cell.where}"
        for cell in lived.cells
        for name in lived.canaries.found_in(cell.text)
        if not name.startswith(MAY_HOLD.get(cell.where, ("(nothing)",)))
    }
    assert leaks == set()


def test_no_file_holds_a_secret(lived: Evidence) -> None:
    assert lived.canaries.leaks(lived.files) == []


def test_it_lived_through_what_it_is_searched_for(lived: Evidence) -> None:
    """Each kind of secret and each failure was there: a search that finds nothing has looked at something."""
    assert {"final", "response.error", "error", "pong"} <= set(lived.types)
    assert {"playground text", "playground ended success", "playground ended error"} <= set(lived.types)
    assert lived.canaries.values.keys() >= {
        *("secret key", "openai", "mail password", "database password", "redis password", "superuser password"),
        *("api key", "session of anna", "invitation", "verification", "reset link", "totp secret", "recovery code 0"),
    }
    assert "Incorrect API key provided" in " ".join(cell.text for cell in lived.cells)
    assert any("did not accept the user name and password" in error for error in lived.job_errors)
    assert len(lived.broken) > 20
    assert set(lived.broken) <= {500, 503}
    assert any("OperationalError" in line.text and "Traceback" in line.text for line in lived.logs)
    assert any("canary" not in one.text and "Exception Value" in one.text for one in lived.heard)


# --- The life of an installation --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lived() -> Iterator[Evidence]:
    found, began = Evidence(), time.time()
    known = found.canaries
    script = mail_server.Script(password=("mailer", known.new("mail password")))
    with (
        mail_server.running(script) as post,
        deployment("sqlite", 1, **_variables(known, post)) as made,
        _lost_database(made, known) as lost,
    ):
        (web,) = made.webs
        links = _the_scene(made, found)
        wait_until(web.is_warm, 60, "The warm-up")
        _people_use_it(made, found, post)
        _mail_fails(made, found, script)
        _staff_look_at_all_of_it(web.base, found, links)
        _a_command_fails(made, found)
        found.cells = [Heard(place, text) for place, text in columns(made.directory / "db.sqlite3")]
        _everything_breaks(made, found, links)
        found.commands.append(Heard("manage.py migrate", _output_of(lost)))
        found.logs = [Heard("log", line) for line in _lines(made)]
        found.files = [Heard(str(file), text) for file, text in _files(began)]
    yield found


def _variables(known: Canaries, post: MailServer) -> dict[str, str]:
    return {
        "DJANGO_SECRET_KEY": known.new("secret key"),
        "VAULT_KEYS": f"{known.new('key of the vault')},{known.new('older key of the vault')}",
        "DJANGO_SECRET_KEY_FALLBACKS": f"{known.new('secret key of before')},{known.new('older secret key')}",
        "DATABASE_URL": f"sqlite://parley:{known.new('database password')}@/{{directory}}/db.sqlite3",
        "OPENAI_API_KEY": known.new("openai"),
        "ANTHROPIC_API_KEY": known.new("anthropic"),
        "GEMINI_API_KEY": known.new("gemini"),
        "LLM_ALLOWED_MODELS": f"{MODEL},anthropic/fake-20t",
        "LLM_MAX_RETRIES": "1",
        "DJANGO_EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "DEFAULT_FROM_EMAIL": "parley@example.com",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(post.port),
        "EMAIL_HOST_USER": "mailer",
        "EMAIL_HOST_PASSWORD": known.values["mail password"],
        "DJANGO_USER_NAME": "first@example.com",
        "DJANGO_PASSWORD": known.new("superuser password"),
        "TASK_WORKERS": "1",
        "LOG_LEVEL": "DEBUG",
        "LOG_FORMAT": "json",
    }


_SCENE = """
import json, django
django.setup()
from django.core.management import call_command
from accounts.models import User
from tests import routes, scene
made = scene.make()
call_command("ensure_superuser")
User.objects.create_user("ben@example.com")
print(json.dumps([made.arguments, routes.addresses(made)]))
"""


def _the_scene(made: Deployment, found: Evidence) -> dict[str, str]:
    output = made.run("-c", _SCENE)
    found.commands.append(Heard("manage.py ensure_superuser", "\n".join(output.splitlines()[:-1])))
    arguments, addresses = json.loads(output.splitlines()[-1])
    known = found.canaries
    known.add("scene's invitation", arguments["token"])
    known.add("verification of the scene", arguments["verification_key"])
    known.add("reset link of the scene", arguments["reset_key"])
    known.add("password of staff", scene.PASSWORD)
    return dict(addresses)


def _people_use_it(made: Deployment, found: Evidence, post: MailServer) -> None:
    (web,) = made.webs
    known, anna = found.canaries, Browser(web.base, found.heard)
    password = known.new("password of anna")
    _signs_up(anna, ANNA, password, post, known)
    known.add("session at sign-up", anna.session)
    anna.post("/accounts/logout/")
    misplaced = known.add("password in the wrong field", canary("misplaced"), "/accounts/login/")
    anna.post("/accounts/login/", login=misplaced, password=password)
    for typed in (known.new("wrong password"), password):
        anna.post("/accounts/login/", login=ANNA, password=typed)
    known.add("session before the second step", anna.session)
    _sets_up_a_second_step(anna, known, password)
    _makes_a_key_and_invites(anna, known, post)
    known.add("session of anna", anna.session)
    found.types += chat(web.base, anna.session, ["[[fake 5t]]", "[[fake echokey]]", "[[fake status500]]"], found.heard)
    found.types += _plays(anna)
    anna.post("/accounts/settings/data/", password=password)
    ben = Browser(web.base, found.heard)
    ben.post("/accounts/password_reset/", email=BEN)
    link = part_after(post.wait_for(BEN, subject="password").get_body(("plain",)).get_content(), "/accounts/reset/")
    known.add("reset link", link.partition("-")[2])
    ben.get(f"/accounts/reset/{link}")  # somebody copied it without the end
    asked = ben.get(f"/accounts/reset/{link}/")
    ben.post(asked.headers["location"], password1=known.new("new password of ben"))
    known.add("session of ben", ben.session)
    anna.close()
    ben.close()


def _signs_up(browser: Browser, email: str, password: str, post: MailServer, known: Canaries) -> None:
    browser.post("/accounts/signup/", email=email, password1=password)
    key = part_after(post.wait_for(email).get_body(("plain",)).get_content(), "/verify-email/")
    known.add(f"verification of {email}", key)
    known.add("verification", key)
    browser.get(f"/accounts/verify-email/{key}")  # somebody copied it without the end
    browser.get(f"/accounts/verify-email/{key}/")
    assert browser.follow(browser.post(f"/accounts/verify-email/{key}/")).status_code == 200


def _sets_up_a_second_step(browser: Browser, known: Canaries, password: str) -> None:
    browser.post("/accounts/reauthenticate/", password=password)
    activate = "/accounts/mfa/totp/activate/"
    page = browser.get(activate).text
    secret = page.partition('id="totp-key"')[2].partition(">")[2].partition("<")[0]
    known.add("totp secret", secret, activate)
    browser.post(activate, code="000000")
    browser.post(activate, code=code_of(secret))
    for number, code in enumerate(browser.get("/accounts/mfa/recovery-codes/download/").text.split()):
        known.add(f"recovery code {number}", code, "/accounts/mfa/recovery-codes/")
    used = known.values["recovery code 0"]
    browser.post("/accounts/logout/")
    browser.post("/accounts/login/", login=ANNA, password=password)
    browser.post("/accounts/mfa/authenticate/", code="31415926")
    browser.post("/accounts/mfa/authenticate/", code=used)
    assert browser.get("/accounts/settings/").status_code == 200


def _makes_a_key_and_invites(browser: Browser, known: Canaries, post: MailServer) -> None:
    team = browser.post("/teams/new/", name="Harbour").headers["location"].removesuffix("invitations/")
    page = browser.post(f"{team}keys/", name="Nightly", scopes=["threads.read"], lasts="30").text
    text = page.partition('id="new-key"')[2].partition("parley_")[2].partition("<")[0]
    known.add("api key", text.partition("_")[2], f"{team}keys/")
    browser.get(f"{team}keys/", Authorization=f"Bearer parley_{text}")
    browser.post(f"{team}invitations/", email="guest@example.com", role="editor")
    mail = post.wait_for("guest@example.com").get_body(("plain",)).get_content()
    token = known.add("invitation", part_after(mail, "/teams/invitations/"))
    guest = Browser(browser.base, browser.heard)
    for address in (f"/teams/invitations/{token}/", f"/teams/invitations/{token}"):
        browser.get(address)
        guest.get(address)
    guest.close()
    for page in ("", "invitations/", "audit/", "audit/audit-log.csv"):
        browser.get(f"{team}{page}")


def _plays(browser: Browser) -> list[str]:
    """Ask models in the playground, keep it under a name, ask a logged call again; return what came, line by line."""
    page = "/operations/playground/"
    data = json.loads(browser.get(page).text.partition('id="playground-data"')[2].partition(">")[2].partition("</")[0])
    lines: list[dict[str, Any]] = []
    for text in ("[[fake 2t]]", "[[fake echokey]]", "[[fake status500]]"):
        content = {"messages": [{"role": "user", "text": text}], "models": [MODEL]}
        ran = browser.post_json(f"{page}run/", {"team": data["team"], "model": MODEL, "content": content})
        lines += [json.loads(line) for line in ran.text.splitlines()]
        kept = browser.post_json(
            f"{page}save/", {"id": str(uuid.uuid4()), "team": data["team"], "name": text, "content": content}
        )
        saved = kept.json()["saved"]
        browser.get(saved["url"])
        browser.post_json(saved["change_url"], {"is_shared": True})
    for line in lines:
        if line["type"] == "begun":
            _asks_again(browser, line["call"])
    browser.post_json(f"{page}run/", {"team": data["team"], "model": "anthropic/nothing", "content": {}})
    browser.post_json(f"{page}tool/", {"team": data["team"], "name": "nothing", "arguments": "{"})
    return [f"playground {line['type']} {line.get('status', '')}".strip() for line in lines]


def _asks_again(browser: Browser, call: str) -> None:
    page = "/operations/playground/"
    wait_until(lambda: browser.get(f"{page}calls/{call}/").json()["url"], 60, "A call of the playground")
    for address in (f"{page}?call={call}", f"/operations/calls/{call}/words/"):
        assert browser.get(address).status_code == 200


def _mail_fails(made: Deployment, found: Evidence, script: mail_server.Script) -> None:
    """A server that quotes what it was given; some do."""
    quoted = f"535 5.7.8 No such password: {found.canaries.values['mail password']}"
    script.answers["AUTH"] = quoted
    somebody = Browser(made.webs[0].base, found.heard)
    somebody.post("/accounts/password_reset/", email=BEN)
    somebody.close()

    unsent = "SELECT error, text FROM lib_unsentmail WHERE error != '' AND text LIKE '%/accounts/reset/%'"
    wait_until(lambda: made.rows(unsent), 20, "A mail that is not sent")
    ((error, text),) = made.rows(unsent)
    found.job_errors.append(error)
    found.canaries.add("reset link not sent yet", part_after(text, "/accounts/reset/").partition("-")[2])
    failed = "SELECT count(*) FROM django_tasks_database_dbtaskresult WHERE traceback LIKE '%SMTP%'"
    wait_until(lambda: made.rows(failed)[0][0], 20, "The job that says why")


def _staff_look_at_all_of_it(base: str, found: Evidence, addresses: dict[str, str]) -> None:
    boss, stranger = (Browser(base, found.heard) for _ in range(2))
    for name, address in addresses.items():
        if not name.startswith("admin:"):
            stranger.get(address)
    for address in ("/healthz", "/readyz", "/no/such/page", f"/no/such/{found.canaries.values['reset link']}/"):
        stranger.get(address)
    boss.post("/accounts/login/", login=scene.EMAIL, password=scene.PASSWORD)
    found.canaries.add("session of staff", boss.session)
    for name, address in addresses.items():
        if "logout" not in name:
            boss.get(address)
    for model in ("lib/unsentmail", "llm_service/llmcalllog", "django_tasks_database/dbtaskresult", "accounts/device"):
        listed = boss.get(f"/admin/{model}/").text
        for part in listed.split(f"/admin/{model}/")[1:8]:
            boss.get(f"/admin/{model}/{part.partition('/')[0]}/change/")
    boss.close()
    stranger.close()


def _a_command_fails(made: Deployment, found: Evidence) -> None:
    vendor = ThreadingHTTPServer(("127.0.0.1", 0), _Vendor)
    thread = Thread(target=vendor.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    mailgun = {
        "DJANGO_EMAIL_BACKEND": "anymail.backends.mailgun.EmailBackend",
        "MAILGUN_API_KEY": found.canaries.new("mailgun"),
        "MAILGUN_SENDER_DOMAIN": "example.com",
        "MAILGUN_API_URL": f"http://127.0.0.1:{vendor.server_port}/",
    }
    output = _output_of(_command(made, ["send_test_mail", "someone@example.com"], mailgun))
    found.commands.append(Heard("manage.py send_test_mail", output))
    assert "Mailgun did not accept the key" in output
    vendor.shutdown()
    vendor.server_close()
    thread.join(5)


class _Vendor(BaseHTTPRequestHandler):
    """Refuses a key, and quotes it."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        credentials = base64.b64decode(self.headers["Authorization"].rpartition(" ")[2]).decode()
        body = json.dumps({"message": f"Forbidden: {credentials} is no key of ours"}).encode()
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def _everything_breaks(made: Deployment, found: Evidence, addresses: dict[str, str]) -> None:
    """Take a table away and ask again, of this server and of one with DEBUG on whose Redis is gone."""
    known = found.canaries
    debug = Web(
        made.directory,
        made.variables
        | {
            "DJANGO_DEBUG": "True",
            "LOG_FORMAT": "text",
            "REDIS_URL": f"redis://:{known.new('redis password')}@127.0.0.1:{free_port()}/0",
            "LLM_WARM_UP": "False",
            "TASK_WORKERS": "0",
        },
    )
    debug.start()
    try:
        signed_in = {web: Browser(web.base, found.heard) for web in (made.webs[0], debug)}
        session = known.values["session of staff"]
        made.rows("ALTER TABLE accounts_auditentry RENAME TO gone")
        made.rows("ALTER TABLE accounts_usersettings RENAME TO gone_too")
        for browser in signed_in.values():
            _ask_the_broken(browser, found, addresses, session)
    finally:
        debug.stop()
        made.webs.append(debug)  # its log is searched, too
    made.webs[0].stop()


def _ask_the_broken(browser: Browser, found: Evidence, addresses: dict[str, str], session: str) -> None:
    known = found.canaries
    typed = {
        "/accounts/login/": {"login": BEN, "password": known.values["new password of ben"]},
        "/accounts/signup/": {"email": "new@example.com", "password1": known.new("password that came too late")},
        "/accounts/password_reset/": {"email": BEN},
        addresses["account_confirm_email"]: {},
        addresses["teams:invitation"]: {},
    }
    answers = [browser.post(address, **fields) for address, fields in typed.items()]
    browser.sign_in_with(session)
    for name in (
        *("llm_chat:home", "account_settings", "account_devices", "teams:list", "teams:keys", "teams:invitation"),
        *("account_confirm_email", "mfa_index", "account_data", "account_history"),
    ):
        answers.append(browser.get(addresses[name]))
    answers.append(browser.post("/accounts/reauthenticate/", password=scene.PASSWORD))
    answers.append(browser.get("/readyz"))
    found.broken += [answer.status_code for answer in answers if answer.status_code >= 500]
    browser.close()


# --- Where it wrote ---------------------------------------------------------------------------------------------------


def _lost_database(made: Deployment, known: Canaries) -> subprocess.Popen[str]:
    """Start a command whose Postgres is gone, which it finds out while other things go on."""
    password = known.new("postgres password")
    return _command(made, ["migrate"], {"DATABASE_URL": f"postgres://parley:{password}@127.0.0.1:{free_port()}/parley"})


def _command(made: Deployment, arguments: list[str], variables: dict[str, str] | None = None) -> subprocess.Popen[str]:
    environment = {"PATH": os.environ["PATH"], **made.variables, **(variables or {})}
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _output_of(running: subprocess.Popen[str]) -> str:
    return running.communicate(timeout=60)[0]


def _lines(made: Deployment) -> Iterator[str]:
    for web in made.webs:
        yield from web.log_text().splitlines()


def _files(since: float) -> Iterator[tuple[Path, str]]:
    for file in (ROOT / "var").rglob("*"):
        if file.is_file() and file.stat().st_mtime >= since:
            yield file, file.read_text(errors="replace")
