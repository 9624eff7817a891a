"""What the audit log says about conversations. Their titles are their person's own and stay out of it."""

from django.utils.translation import gettext_lazy

from accounts import audit

LINK_MADE = audit.action(
    "share_link.made",
    gettext_lazy("{actor} shared a conversation by a link"),
    title=gettext_lazy("Link to a conversation made"),
)
LINK_UPDATED = audit.action(
    "share_link.updated",
    gettext_lazy("{actor} updated a shared conversation"),
    title=gettext_lazy("Link to a conversation updated"),
)
LINK_REVOKED = audit.action(
    "share_link.revoked",
    gettext_lazy("{actor} revoked the link to a conversation"),
    title=gettext_lazy("Link to a conversation revoked"),
)
