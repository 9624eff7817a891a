"""Which browsers somebody is signed in with, and signing them out."""

from collections.abc import Collection
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone, translation

from accounts import audit, audit_actions, browsers
from accounts.models import Device, User
from lib.visitor import Visitor
from realtime import publish

DEVICE_SESSION_KEY = "device"
SEEN_SESSION_KEY = "device_seen"
SEEN_EVERY = timedelta(minutes=5)


def signed_in_as(session: SessionBase) -> int | None:
    user_id = session.get(SESSION_KEY)
    return int(user_id) if user_id is not None else None


def keep_up(session: SessionBase, *, visitor: Visitor) -> None:
    """Note that a signed-in session is in use: its device is made at sign-in, and follows a renewed key."""
    user_id, key, now = signed_in_as(session), session.session_key, timezone.now()
    if user_id is None or key is None:
        return
    device_id, seen = session.get(DEVICE_SESSION_KEY), session.get(SEEN_SESSION_KEY, ["", 0])
    is_fresh = seen[0] == key and now.timestamp() - seen[1] < SEEN_EVERY.total_seconds()
    if device_id and is_fresh:
        return
    session[SEEN_SESSION_KEY] = [key, int(now.timestamp())]
    facts = {
        "session_key": key,
        "last_seen_at": now,
        "address": visitor.address,
        "user_agent": visitor.user_agent,
        "language": translation.get_language() or "",
    }
    if device_id and Device.objects.filter(id=device_id, user_id=user_id).update(**facts):
        return
    if not session.exists(key):
        return  # it was ended elsewhere while this request was under way
    try:
        with transaction.atomic():
            device, _ = Device.objects.update_or_create(session_key=key, defaults={"user_id": user_id, **facts})
    except IntegrityError:
        return  # the person was deleted meanwhile
    session[DEVICE_SESSION_KEY] = str(device.pk)


def has_left(*, session_key: str) -> None:
    """Forget the device of a session that is over."""
    Device.objects.filter(session_key=session_key).delete()


def forget_ended() -> None:
    """Remove sessions that ran out, and the devices they were."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    Device.objects.filter(~Exists(alive)).delete()


@transaction.atomic
def sign_out(*, by: User, device_ids: Collection[UUID]) -> int:
    """End the sessions of these devices of a person, their sockets too; return how many there were."""
    devices = Device.objects.filter(user=by, id__in=device_ids)
    for device in devices:
        audit.record(action=audit_actions.SESSION_ENDED, by=by, target=by, before={"device": _in_words(device)})
    return _end(by, devices)


@transaction.atomic
def sign_out_everywhere(*, by: User, except_for: str = "") -> int:
    """End all sessions of a person, or all but that of one device."""
    devices = Device.objects.filter(user=by)
    if except_for:
        devices = devices.exclude(id=except_for)
        newest = devices.order_by("-last_seen_at")[: audit.MOST_OF_A_LIST]
        names = [_in_words(device) for device in newest]
        audit.record(action=audit_actions.OTHERS_ENDED, by=by, target=by, before={"devices": names})
    return _end(by, devices)


def _in_words(device: Device) -> str:
    with translation.override("en"):  # it is stored, and read by others
        return f"{browsers.name_of(device.user_agent)} at {device.address or 'an unknown address'}"


def _end(user: User, devices: QuerySet[Device]) -> int:
    keys = list(devices.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    Device.objects.filter(session_key__in=keys).delete()
    transaction.on_commit(partial(publish.recheck, user.pk))
    return len(keys)
