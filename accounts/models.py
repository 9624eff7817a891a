import uuid
from typing import Any, NoReturn

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lib.visitor import MOST_OF_A_USER_AGENT

LONGEST_LABEL = 300


MOST_OF_INSTRUCTIONS = 4_000


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        if not email:
            raise ValueError(_("A user needs an e-mail address."))
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by e-mail address."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique_in_any_case")]

    def __str__(self) -> str:
        return self.email

    @property
    def short_name(self) -> str:
        return self.name or self.email.partition("@")[0]

    @property
    def initials(self) -> str:
        """One letter, or two for a name of several words."""
        words = self.short_name.split()
        return "".join(word[0] for word in dict.fromkeys((words[0], words[-1]))) if words else ""


class UserSettings(models.Model):
    """What one person prefers. Made at first need by `accounts.queries.settings_for`."""

    class Theme(models.TextChoices):
        SYSTEM = "system", gettext_lazy("System")
        LIGHT = "light", gettext_lazy("Light")
        DARK = "dark", gettext_lazy("Dark")

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="settings")
    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.SYSTEM)
    chat_model = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10, blank=True, help_text=gettext_lazy("Empty: the browser's."))
    custom_instructions = models.TextField(
        blank=True,
        validators=[MaxLengthValidator(MOST_OF_INSTRUCTIONS)],
        help_text=gettext_lazy("What a model is told before each conversation without a bot."),
    )

    def __str__(self) -> str:
        return f"settings of {self.user}"


class Device(models.Model):
    """A browser somebody is signed in with: one session, under an id that outlives a renewal of the session's key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices")
    session_key = models.CharField(max_length=40, unique=True)
    user_agent = models.CharField(max_length=MOST_OF_A_USER_AGENT, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    language = models.CharField(max_length=10, blank=True, default="", db_default="", help_text="Shown last.")
    signed_in_at = models.DateTimeField(default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"a device of {self.user}"


class NeverChanged(TypeError):
    """Somebody tried to change or delete an entry of the audit log."""


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def update(self, **values: Any) -> NoReturn:
        raise NeverChanged("Entries of the audit log are never changed.")

    def delete(self) -> NoReturn:
        raise NeverChanged("Entries of the audit log are never deleted, except by age.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NeverChanged("Entries of the audit log are never changed.")


class AuditEntry(models.Model):
    """Who did what, when and from where. Written by `accounts.audit.record` and never changed after.

    Labels are copies. When a person deletes their account only the link to it goes (`actor` becomes null): that an
    owner was removed, and by whom, is the team's record and must outlive both of them. What is kept that way ends by
    its age. The database refuses changes too; see the migration that makes the table.
    """

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    action = models.CharField(max_length=60)
    team_id = models.UUIDField(null=True, blank=True)
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    actor_label = models.CharField(max_length=LONGEST_LABEL, blank=True)
    target_type = models.CharField(max_length=40, blank=True)
    target_id = models.CharField(max_length=64, blank=True)
    target_label = models.CharField(max_length=LONGEST_LABEL, blank=True)
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=MOST_OF_A_USER_AGENT, blank=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = gettext_lazy("audit entries")
        indexes = [
            models.Index(fields=["team_id", "-id"], name="audit_of_team"),
            models.Index(fields=["team_id", "-created_at", "-id"], name="audit_of_team_in_time"),
            models.Index(fields=["actor", "-id"], name="audit_of_actor"),
            models.Index(fields=["target_type", "target_id", "-id"], name="audit_of_target"),
            models.Index(fields=["action", "-id"], name="audit_of_action"),
        ]

    def __str__(self) -> str:
        return f"{self.action} by {self.actor_label or 'nobody'}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise NeverChanged("Entries of the audit log are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NeverChanged("Entries of the audit log are never deleted, except by age.")
