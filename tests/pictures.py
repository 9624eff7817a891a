"""`make pictures`: the pictures of `docs/guide`, taken from the running product with the scene and the demo threads."""

import base64
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests import services

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "guide" / "images"
HEAVIEST = 100_000
SCENE = "import django; django.setup(); from tests import scene; scene.make(); print(scene.EMAIL, scene.PASSWORD)"
# Chromium writes WebP itself, so nothing has to be installed for it.
TO_WEBP = """async ([picture, quality]) => {
  const image = new Image();
  image.src = "data:image/png;base64," + picture;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext("2d").drawImage(image, 0, 0);
  const blob = await canvas.convertToBlob({type: "image/webp", quality});
  return btoa(Array.from(new Uint8Array(await blob.arrayBuffer()), (byte) => String.fromCharCode(byte)).join(""));
}"""


@dataclass(frozen=True)
class Picture:
    name: str
    address: str
    width: int = 1080
    height: int = 680
    theme: str = "light"
    first: str = ""
    """What to press before the picture is taken."""


PICTURES = [
    Picture("conversation", "/chat/", first="What a reply can look like"),
    Picture("phone", "/chat/", 390, 700, first="[data-sidebar-toggle]"),
    Picture("sign-in", "/accounts/mfa/", height=560),
    Picture("settings", "/accounts/settings/", height=480, theme="dark"),
    Picture("admin", "/admin/"),
    Picture("admin-calls", "/admin/llm_service/llmcalllog/", height=560),
]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="parley-") as directory, sync_playwright() as playwright:
        environment = {
            **os.environ,
            "PYTHON_DOTENV_DISABLED": "1",
            "DATABASE_URL": f"sqlite:///{directory}/db.sqlite3",
            "REDIS_URL": "",
            "DJANGO_DEBUG": "True",
            "LLM_WARM_UP": "False",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        run(environment, "manage.py", "migrate", "-v0")
        email, password = run(environment, "-c", SCENE).split()[-2:]  # above stand the mails the scene sent
        run(environment, "manage.py", "seed_demo", "--email", email)
        port = services.free_port()
        command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "config.asgi:application"]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
        try:
            services.wait_for(port, server)
            browser = playwright.chromium.launch(executable_path=services.chromium(), args=["--no-sandbox"])
            take_all(browser, f"http://127.0.0.1:{port}", email, password)
            browser.close()
        finally:
            server.terminate()
            server.wait(timeout=30)


def run(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, timeout=120, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def take_all(browser: Browser, site: str, email: str, password: str) -> None:
    context = browser.new_context(base_url=site, device_scale_factor=2, reduced_motion="reduce")
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/chat/")
    darkroom = browser.new_page()
    for picture in PICTURES:
        target = IMAGES / f"{picture.name}.webp"
        target.write_bytes(_as_webp(darkroom, _take(page, picture)))
        print(f"{target.relative_to(ROOT)}: {target.stat().st_size:,} bytes")  # noqa: T201  what the command is for


def _take(page: Page, picture: Picture) -> bytes:
    page.set_viewport_size({"width": picture.width, "height": picture.height})
    page.emulate_media(color_scheme="dark" if picture.theme == "dark" else "light")
    page.goto(picture.address)
    if picture.first.startswith("["):
        page.locator(picture.first).first.click()
    elif picture.first:
        page.get_by_role("link", name=picture.first).click()
    page.wait_for_timeout(600)
    return page.screenshot()


def _as_webp(darkroom: Page, png: bytes) -> bytes:
    for quality in (0.85, 0.7, 0.55, 0.4):
        webp = base64.b64decode(darkroom.evaluate(TO_WEBP, [base64.b64encode(png).decode(), quality]))
        if len(webp) < HEAVIEST:
            return webp
    raise ValueError("This picture stays too heavy. Show less of the page.")


if __name__ == "__main__":
    main()
