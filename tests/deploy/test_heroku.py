import asyncio
import json
import re

import aiohttp
import httpx
import pytest

from tests.deploy.conftest import HOST, App, Web


def test_static_files_are_in_the_slug_after_the_build(app: App) -> None:
    manifest = json.loads((app.slug / "static/dist/manifest.json").read_text())
    entry = manifest["static/src/entrypoints/base.ts"]

    for name in [entry["file"], *entry.get("css", [])]:
        assert (app.slug / "staticfiles" / name).exists()


def test_deploy_checks_find_nothing(app: App) -> None:
    done = app.run("python manage.py check --deploy --fail-level WARNING", **app.variables)

    assert done.returncode == 0, done.stderr


def test_web_without_a_secret_does_not_serve_and_says_why(app: App) -> None:
    variables = app.variables | {"DJANGO_SECRET_KEY": "", "PORT": "1"}

    done = app.run(app.line("web"), **variables)

    assert done.returncode != 0
    assert "DJANGO_SECRET_KEY is missing" in done.stderr


def test_release_runs_again_without_harm(app: App, web: Web) -> None:
    assert app.run(app.line("release"), **app.variables).returncode == 0


def test_probes_need_neither_tls_nor_a_known_host(web: Web) -> None:
    for path in ("healthz", "readyz"):
        answer = httpx.get(f"http://127.0.0.1:{web.port}/{path}", headers={"Host": "10.1.2.3"})
        assert answer.status_code == 200


def test_plain_http_is_sent_to_tls(web: Web) -> None:
    with web.client(proto="http") as browser:
        answer = browser.get("/accounts/login/")

    assert (answer.status_code, answer.headers["location"]) == (301, f"https://{HOST}/accounts/login/")


def test_stranger_signs_up_with_no_csrf_setting(web: Web) -> None:
    with web.client() as browser:
        cookies = _sign_up(browser, "stranger@example.com")
        page = browser.get("/chat/", headers={"Cookie": cookies})

    assert page.status_code == 200
    assert "script-src 'self' 'nonce-" in page.headers["content-security-policy"]
    assert page.headers["strict-transport-security"].startswith("max-age=31536000")


def test_page_finds_its_scripts_and_styles(web: Web) -> None:
    with web.client() as browser:
        page = browser.get("/accounts/login/").text
        files = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)

        assert any(name.endswith(".css") for name in files)
        assert any(name.endswith(".js") for name in files)
        assert {browser.get(name).status_code for name in files} == {200}


@pytest.mark.parametrize(
    ("origin", "is_let_in"), [(f"https://{HOST}", True), ("https://someone-elses.herokuapp.com", False)]
)
def test_socket_is_for_pages_of_this_host_alone(web: Web, origin: str, is_let_in: bool) -> None:
    with web.client() as browser:
        cookies = _sign_up(browser, f"socket-{is_let_in}@example.com")

    assert asyncio.run(_answers_a_ping(web.port, origin, cookies)) is is_let_in


async def _answers_a_ping(port: int, origin: str, cookies: str) -> bool:
    headers = {"Host": HOST, "X-Forwarded-Proto": "https", "Origin": origin, "Cookie": cookies}
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"http://127.0.0.1:{port}/ws/chat/", headers=headers) as socket,
        ):
            await socket.send_json({"type": "ping"})
            frame = await socket.receive(timeout=10)
            return frame.type is aiohttp.WSMsgType.TEXT and frame.json()["type"] == "pong"
    except aiohttp.WSServerHandshakeError:
        return False


def test_log_is_json_and_holds_no_cookie(web: Web) -> None:
    with web.client() as browser:
        browser.get("/accounts/login/", headers={"X-Request-ID": "asked-by-the-test"})

    lines = [json.loads(line) for line in web.log.read_text().splitlines() if line.startswith("{")]
    asked = [line for line in lines if line.get("request_id") == "asked-by-the-test"]

    assert [(line["route"], line["status"]) for line in asked] == [("/accounts/login/", 200)]
    assert "sessionid" not in web.log.read_text()


def _sign_up(browser: httpx.Client, email: str) -> str:
    """Sign up through the form; return the cookies, which a client on plain http would not send back by itself."""
    form = browser.get("/accounts/signup/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text)
    assert token, form.text
    csrf = form.headers["set-cookie"].split(";")[0]
    answer = browser.post(
        "/accounts/signup/",
        data={"csrfmiddlewaretoken": token[1], "email": email, "password1": "a-long-pass-phrase-7"},
        headers={"Cookie": csrf, "Origin": f"https://{HOST}"},
    )
    assert answer.status_code == 302, answer.text
    set_cookies = answer.headers.get_list("set-cookie")
    assert all("Secure" in cookie for cookie in set_cookies)
    return "; ".join(cookie.split(";")[0] for cookie in set_cookies)
