from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts import audit, devices, second_step
from lib import jobs


@jobs.job("accounts.forget_old_audit_entries")
def forget_old_audit_entries() -> None:
    if settings.AUDIT_LOG_DAYS:
        audit.forget(older_than=timezone.now() - timedelta(days=settings.AUDIT_LOG_DAYS))


@jobs.job("accounts.forget_ended_sessions")
def forget_ended_sessions() -> None:
    devices.forget_ended()


@jobs.job("accounts.encrypt_anew")
def encrypt_anew() -> None:
    if settings.SECRET_KEY_FALLBACKS:
        second_step.encrypt_anew()


jobs.every(timedelta(days=1), "accounts.encrypt_anew")
jobs.every(timedelta(days=1), "accounts.forget_old_audit_entries")
jobs.every(timedelta(days=1), "accounts.forget_ended_sessions")
