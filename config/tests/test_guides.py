import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from accounts.models import User
from config import guides


@pytest.mark.parametrize("guide", guides.GUIDES)
def test_each_guide_opens_for_everybody(client: Client, db: None, guide: str) -> None:
    page = client.get(guides.address(guide))

    assert page.status_code == 200
    for chapter in guides.read(guide).chapters:
        assert f'<h2 id="{chapter.id}">' in page.text


@pytest.mark.parametrize("guide", guides.GUIDES)
def test_every_link_inside_the_product_leads_somewhere(client: Client, db: None, guide: str) -> None:
    page = client.get(guides.address(guide)).text

    for address, anchor in re.findall(r'href="(/help/[a-z/]*|)#([\w-]+)"', page):
        target = client.get(address).text if address else page
        assert f'id="{anchor}"' in target, f"{address}#{anchor}"


def test_no_id_stands_twice_on_a_page(client: Client, db: None) -> None:
    for guide in guides.GUIDES:
        ids = re.findall(r'\sid="([^"]+)"', client.get(guides.address(guide)).text)
        assert sorted(ids) == sorted(set(ids))


def test_pictures_are_served_as_files_of_ours() -> None:
    for guide in guides.GUIDES:
        html = "".join(part.html for chapter in guides.read(guide).chapters for part in chapter.parts)
        for name in re.findall(r'src="/static/([^"]+)"', html):
            assert finders.find(name), name


def test_a_link_to_a_file_without_a_page_is_no_dead_end() -> None:
    html = "".join(part.html for chapter in guides.read("admins").chapters for part in chapter.parts)

    assert '<a class="help-elsewhere" title="configuration.md, in the repository">Configuration</a>' in html
    assert not re.search(r'href="[^"]*\.md', html)


def test_only_staff_are_shown_the_guides_for_others(client: Client, alice: User) -> None:
    client.force_login(alice)
    without = client.get("/help/").text
    alice.is_staff = True
    alice.save()

    assert "/help/admins/" not in without
    assert "/help/admins/" in client.get("/help/").text


@pytest.mark.parametrize("address", ["/accounts/settings/", "/no/such/page/"])
def test_help_is_one_press_away(client: Client, alice: User, address: str) -> None:
    client.force_login(alice)

    assert 'href="/help/' in client.get(address).text
