"""What the audit log says about calls and models."""

from django.utils.translation import gettext_lazy as _

from accounts import audit

CALL_READ = audit.action("call.read", _("{actor} read what was said in a call to {target}"), title=_("Call read"))
CALLS_SEARCHED = audit.action(
    "calls.read", _("{actor} looked at the words of calls: {after[filters]}"), title=_("Words of calls read")
)
CALLS_DOWNLOADED = audit.action(
    "calls.downloaded",
    _("{actor} downloaded calls as {after[format]}: {after[filters]}"),
    title=_("Calls downloaded"),
)
KEEPING_CHANGED = audit.action(
    "keeping.changed",
    _("{actor} changed what is kept of model calls"),
    title=_("Keeping of calls changed"),
)

PROVIDER_CONNECTED = audit.action(
    "provider.connected", _("{actor} connected the provider {target}"), title=_("Provider connected")
)
PROVIDER_CHANGED = audit.action(
    "provider.changed", _("{actor} changed the provider {target}"), title=_("Provider changed")
)
PROVIDER_DISCONNECTED = audit.action(
    "provider.disconnected", _("{actor} disconnected the provider {target}"), title=_("Provider disconnected")
)
MODEL_RULE_CHANGED = audit.action(
    "model_rule.changed",
    _("{actor} changed what the team says about the model {after[model]}"),
    title=_("Rule for a model changed"),
)
GUARDRAIL_ADDED = audit.action("guardrail.added", _("{actor} added the guardrail {target}"), title=_("Guardrail added"))
GUARDRAIL_CHANGED = audit.action(
    "guardrail.changed", _("{actor} changed the guardrail {target}"), title=_("Guardrail changed")
)
GUARDRAIL_REMOVED = audit.action(
    "guardrail.removed", _("{actor} removed the guardrail {target}"), title=_("Guardrail removed")
)
