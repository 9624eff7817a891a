"""The tables of calls: what was asked, what it cost, what people thought of it, and how much may be spent."""

from llm_service.models.calls import CallAttempt, CallBody, LLMCallLog
from llm_service.models.feedback import Feedback
from llm_service.models.money import Alert, AlertEvent, Budget, BudgetPeriod, ModelPrice, Reservation
from llm_service.models.operations import Guardrail, Keeping, LostCalls, SavedView
from llm_service.models.playground import Playground
from llm_service.models.providers import ModelRule, Provider
from llm_service.models.usage import UncountedCall, UsageRollup, UserMonthlyUsage

__all__ = [
    "Alert",
    "AlertEvent",
    "Budget",
    "BudgetPeriod",
    "CallAttempt",
    "CallBody",
    "Feedback",
    "Guardrail",
    "Keeping",
    "LLMCallLog",
    "LostCalls",
    "ModelPrice",
    "ModelRule",
    "Playground",
    "Provider",
    "Reservation",
    "SavedView",
    "UncountedCall",
    "UsageRollup",
    "UserMonthlyUsage",
]
