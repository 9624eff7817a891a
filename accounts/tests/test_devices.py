"""The list of browsers somebody is signed in with."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import browsers, devices
from accounts.models import Device, User

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Safari/604.1"


def browser_of(person: User, user_agent: str = FIREFOX) -> Client:
    client = Client(headers={"user-agent": user_agent})
    client.post("/accounts/login/", {"login": person.email, "password": f"{person.short_name}-password-1"})
    return client


def test_each_sign_in_is_a_device_with_its_browser_and_address(alice: User) -> None:
    browser_of(alice, IPHONE)
    here = browser_of(alice)

    page = here.get("/accounts/settings/devices/").text

    assert page.index("Firefox on Linux") < page.index("Safari on iPhone")
    assert page.count("This device") == 1
    assert page.count("127.0.0.1") >= 2


def test_one_device_is_signed_out_and_the_others_stay(alice: User) -> None:
    here, phone, work = browser_of(alice), browser_of(alice, IPHONE), browser_of(alice)
    device = Device.objects.get(session_key=phone.session.session_key)

    here.post(f"/accounts/settings/devices/{device.pk}/sign-out/")

    assert phone.get("/chat/").status_code == 302
    assert work.get("/chat/").status_code == here.get("/chat/").status_code == 200


def test_all_other_devices_are_signed_out_at_once(alice: User, bob: User) -> None:
    here, phone, work, bobs = browser_of(alice), browser_of(alice, IPHONE), browser_of(alice), browser_of(bob)

    answer = here.post("/accounts/settings/devices/sign-out-others/", follow=True)

    assert "Signed out of 2 other devices." in answer.text
    assert [client.get("/chat/").status_code for client in (here, phone, work, bobs)] == [200, 302, 302, 200]


def test_nobody_signs_out_the_device_of_another_person(alice: User, bob: User) -> None:
    bobs = browser_of(bob)

    browser_of(alice).post(f"/accounts/settings/devices/{Device.objects.get(user=bob).pk}/sign-out/")

    assert bobs.get("/chat/").status_code == 200


def test_signing_out_takes_the_device_off_the_list(alice: User) -> None:
    here = browser_of(alice)

    here.post("/accounts/logout/")

    assert not Device.objects.exists()
    assert not Session.objects.exists() or "_auth_user_id" not in Session.objects.get().get_decoded()


def test_a_new_password_keeps_this_device_and_ends_the_others(alice: User) -> None:
    here, phone = browser_of(alice), browser_of(alice, IPHONE)
    device = Device.objects.get(session_key=here.session.session_key)

    here.post("/accounts/password_change/", {"oldpassword": "alice-password-1", "password1": "another-one-2026"})

    device.refresh_from_db()
    assert device.session_key == here.session.session_key
    assert phone.get("/chat/").status_code == 302


def test_a_hundred_devices_are_paged_with_the_same_few_queries(
    alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    here = browser_of(alice)
    Device.objects.bulk_create(Device(user=alice, session_key=f"key-{number}") for number in range(100))
    here.get("/accounts/settings/devices/")

    with django_assert_max_num_queries(8):
        first = here.get("/accounts/settings/devices/")
    page = first.context["page"]
    seen = {row.id for row in page.rows}
    while page.next:
        page = here.get(f"/accounts/settings/devices/?before={page.next}").context["page"]
        assert not seen & {row.id for row in page.rows}
        seen |= {row.id for row in page.rows}

    assert len(seen) == 101


def test_a_cursor_that_is_none_is_ignored(alice: User) -> None:
    assert browser_of(alice).get("/accounts/settings/devices/?before=nonsense").status_code == 200


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (IPHONE, "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/150.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5", "curl"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_called_as_people_call_it(user_agent: str, name: str) -> None:
    assert browsers.name_of(user_agent) == name


def test_a_session_that_ran_out_is_off_the_list(alice: User) -> None:
    here, old = browser_of(alice), browser_of(alice)
    Session.objects.filter(session_key=old.session.session_key).update(expire_date=timezone.now() - timedelta(days=1))

    devices.forget_ended()

    assert [device.session_key for device in Device.objects.all()] == [here.session.session_key]
