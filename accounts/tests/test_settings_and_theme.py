import pytest
from django.test import Client

from accounts import queries
from accounts.models import User, UserSettings


@pytest.mark.parametrize("theme", ["light", "dark", "system"])
def test_a_chosen_theme_is_kept_and_named_in_the_answer(client: Client, alice: User, theme: str) -> None:
    client.force_login(alice)

    answer = client.post("/accounts/settings/theme/", {"theme": theme})

    assert answer.json() == {"theme": theme}
    assert queries.settings_for(alice).theme == theme


def test_an_unknown_theme_is_refused_and_changes_nothing(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.post("/accounts/settings/theme/", {"theme": "dark"})

    answer = client.post("/accounts/settings/theme/", {"theme": "neon"})

    assert answer.status_code == 400
    assert queries.settings_for(alice).theme == "dark"


def test_the_theme_needs_someone_signed_in_and_a_post(client: Client, alice: User) -> None:
    anonymous = client.post("/accounts/settings/theme/", {"theme": "dark"})
    client.force_login(alice)
    looked_at = client.get("/accounts/settings/theme/")

    assert anonymous["Location"].startswith("/accounts/login/")
    assert looked_at.status_code == 405


def test_a_browser_without_scripts_comes_back_to_the_settings(client: Client, alice: User) -> None:
    client.force_login(alice)

    answer = client.post("/accounts/settings/theme/", {"theme": "dark"}, headers={"Accept": "text/html,*/*;q=0.8"})

    assert answer["Location"] == "/accounts/settings/"


def test_the_page_comes_from_the_server_in_the_chosen_theme(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.post("/accounts/settings/theme/", {"theme": "dark"})

    assert '<html lang="en" dir="ltr" class="dark" data-theme="dark">' in client.get("/accounts/settings/").text


def test_an_anonymous_page_leaves_the_theme_to_the_browser(client: Client, db: None) -> None:
    page = client.get("/accounts/login/").text

    assert "data-theme=" not in page
    assert "/static/theme.js" in page


def test_looking_at_a_page_makes_no_settings(client: Client, alice: User) -> None:
    client.force_login(alice)

    client.get("/accounts/settings/")

    assert not UserSettings.objects.exists()


def test_who_never_chose_anything_has_the_defaults_and_no_row(alice: User) -> None:
    assert (queries.settings_for(alice).theme, queries.settings_for(alice).chat_model) == ("system", "")
    assert not UserSettings.objects.exists()
