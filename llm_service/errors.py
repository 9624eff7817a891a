"""Why a model call failed. Each class has a `code`, whether trying again can help, and a sentence for people.

LLMError
├── ...
"""


class LLMError(Exception):
    """A model call failed. `partial` says whether text had already been delivered."""

    code = "model_error"
    retryable = False
    user_message = "The model could not answer."
