"""What platforms read: app.json, the Procfile, compose. Checked for shape and for agreement with the rest."""

import json
import re
import subprocess
from pathlib import Path

import yaml

from tests.deploy.conftest import ROOT

APP = json.loads((ROOT / "app.json").read_text())
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())


def test_one_click_needs_no_input() -> None:
    asked = {
        name
        for name, variable in APP["env"].items()
        if not {"value", "generator"} & variable.keys() and variable.get("required", True)
    }

    assert asked == set()


def test_app_json_has_only_what_heroku_knows() -> None:
    assert APP.keys() <= {
        "name", "description", "keywords", "website", "repository", "logo", "success_url", "scripts", "env",
        "formation", "addons", "buildpacks", "environments", "stack", "image",
    }  # fmt: skip
    assert all(v.keys() <= {"description", "value", "required", "generator"} for v in APP["env"].values())
    assert [pack["url"] for pack in APP["buildpacks"]] == ["heroku/nodejs", "heroku/python"]  # the page is built first
    assert APP["formation"]["web"]["quantity"] == 1
    assert {addon["plan"] for addon in APP["addons"]} == {"heroku-postgresql:essential-0", "heroku-redis:mini"}


def test_variables_of_app_json_are_documented() -> None:
    documented = (ROOT / "docs/configuration.md").read_text()

    assert {name for name in APP["env"] if f"`{name}`" not in documented} == set()


def test_python_buildpack_finds_one_lock_file_and_a_version() -> None:
    assert [
        name for name in ("requirements.txt", "uv.lock", "poetry.lock", "Pipfile.lock") if (ROOT / name).exists()
    ] == ["requirements.txt"]
    assert re.fullmatch(r"3\.\d+\s*", (ROOT / ".python-version").read_text())


def test_procfile_serves_with_the_ping_that_outlives_idle_limits() -> None:
    assert (ROOT / "Procfile").read_text().splitlines()[0] == (
        "web: daphne -b 0.0.0.0 -p $PORT --ping-interval 10 --ping-timeout 15 config.asgi:application"
    )


def test_compose_starts_nothing_before_what_it_needs() -> None:
    services = COMPOSE["services"]

    assert services.keys() == {"secrets", "migrate", "app", "worker", "postgres", "redis"}
    for name in ("app", "worker"):
        assert services[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "redis": {"condition": "service_healthy"},
        }
    assert services["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}
    assert not re.search(r"(PASSWORD|SECRET_KEY): *\S", (ROOT / "compose.yaml").read_text())


def test_secrets_are_made_once_and_reach_the_program(tmp_path: Path) -> None:
    make = ["/bin/sh", "scripts/make_secrets.sh", str(tmp_path)]
    show = ["/bin/sh", "scripts/container.sh", "/bin/sh", "-c", 'echo "$DJANGO_SECRET_KEY $VAULT_KEYS $DATABASE_URL"']

    subprocess.run(make, cwd=ROOT, check=True)
    first = subprocess.run(
        show,
        cwd=ROOT,
        env={"SECRETS_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    subprocess.run(make, cwd=ROOT, check=True)
    second = subprocess.run(
        show,
        cwd=ROOT,
        env={"SECRETS_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert first.stdout == second.stdout
    assert re.fullmatch(r"\w{50,} \w{50,} postgres://parley:\w{50,}@postgres:5432/parley\n", first.stdout)
