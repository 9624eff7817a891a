"""`make pictures`: pictures of the running product with demo threads, for the guides, the README and the front page."""

import base64
import json
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
FRONT = ROOT / "static" / "src" / "public"
README = ROOT / "docs" / "images"
THREAD = "/chat/{thread}/"
PREVIEW = '.code-tools button:has-text("Preview")'
HEAVIEST = 120_000
SCENE = "import django; django.setup(); from tests import scene; scene.make(); print(scene.EMAIL, scene.PASSWORD)"
FIND = (
    "import django; django.setup(); from llm_chat.models import ChatThread;"
    " print(ChatThread.objects.get(title='What a reply can look like').id)"
)
THREADS = (
    "import django; django.setup(); import json; from tests import picture_threads, scene;"
    " print(json.dumps(picture_threads.make(scene.EMAIL)))"
)
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
    first: tuple[str, ...] = ()
    """What to press before the picture is taken, one after the other."""
    typed: str = ""
    shows: str = ""
    """What to wait for: it is drawn after the page."""
    place: Path = IMAGES


PICTURES = [
    Picture("conversation", THREAD),
    Picture("phone", THREAD, 390, 700, first=("[data-sidebar-toggle]",)),
    Picture("sign-in", "/accounts/mfa/", height=560),
    Picture("settings", "/accounts/settings/", height=480, theme="dark"),
    Picture("landing-light", THREAD, 1280, 800, place=FRONT),
    Picture("landing-dark", THREAD, 1280, 800, "dark", place=FRONT),
    Picture("reply", "/chat/{order}/", 1280, 860, shows=".diagram-shown", place=README),
    Picture(
        "preview", "/chat/{page}/", 1280, 860, "dark", first=('.code-tools button:has-text("Preview")',), place=README
    ),
    Picture("tools", "/chat/{tools}/", 1280, 860, "dark", first=(".tool summary", ".reasoning summary"), place=README),
    Picture("search", "/chat/{tools}/", 1280, 860, first=(".thread-new[aria-haspopup]",), typed="time", place=README),
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
        run(environment, "manage.py", "seed_demo", "--calls", "0", "--email", email)
        thread = run(environment, "-c", FIND).split()[-1]
        threads = {"thread": thread, **json.loads(run(environment, "-c", THREADS).splitlines()[-1])}
        port = services.free_port()
        command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "config.asgi:application"]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
        try:
            services.wait_for(port, server)
            browser = playwright.chromium.launch(executable_path=services.chromium(), args=["--no-sandbox"])
            take_all(browser, f"http://127.0.0.1:{port}", email, password, threads)
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


def take_all(browser: Browser, site: str, email: str, password: str, threads: dict[str, str]) -> None:
    context = browser.new_context(base_url=site, device_scale_factor=2, reduced_motion="reduce")
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/chat/")
    darkroom = browser.new_page()
    for picture in PICTURES:
        target = picture.place / f"{picture.name}.webp"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(_as_webp(darkroom, _take(page, picture, threads)))
        print(f"{target.relative_to(ROOT)}: {target.stat().st_size:,} bytes")  # noqa: T201  what the command is for


def _take(page: Page, picture: Picture, threads: dict[str, str]) -> bytes:
    page.set_viewport_size({"width": picture.width, "height": picture.height})
    page.emulate_media(color_scheme="dark" if picture.theme == "dark" else "light")
    page.goto(picture.address.format(**threads))
    for pressed in picture.first:
        page.locator(pressed).first.click()
    if picture.typed:
        page.wait_for_timeout(300)
        page.keyboard.type(picture.typed)
    if picture.shows:
        page.locator(picture.shows).first.wait_for()
    page.wait_for_timeout(900)
    return page.screenshot()


def _as_webp(darkroom: Page, png: bytes) -> bytes:
    for quality in (0.85, 0.7, 0.55, 0.4):
        webp = base64.b64decode(darkroom.evaluate(TO_WEBP, [base64.b64encode(png).decode(), quality]))
        if len(webp) < HEAVIEST:
            return webp
    raise ValueError("This picture stays too heavy. Show less of the page.")


if __name__ == "__main__":
    main()
