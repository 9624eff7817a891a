"""What the audit log says about budgets, limits and alerts."""

from django.utils.translation import gettext_lazy as _

from accounts import audit

BUDGET_SET = audit.action("budget.set", _("{actor} set a limit of {target}"), title=_("Limit set"))
BUDGET_REMOVED = audit.action("budget.removed", _("{actor} removed the limit of {target}"), title=_("Limit removed"))
ALERT_SET = audit.action("alert.set", _("{actor} set an alert: {target}"), title=_("Alert set"))
ALERT_REMOVED = audit.action("alert.removed", _("{actor} removed an alert: {target}"), title=_("Alert removed"))
