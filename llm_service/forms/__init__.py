"""Forms of the pages about models and calls."""

from llm_service.forms.keeping import KeepingForm

__all__ = ["KeepingForm"]
