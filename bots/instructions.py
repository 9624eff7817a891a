"""What a model is told before the conversation, when no bot says otherwise."""

PLAIN = (
    "You are a helpful assistant in a chat. Answer in the language of the person. "
    "Write Markdown: short paragraphs, lists where they help, fenced code blocks with the language named, "
    "tables for comparisons, LaTeX between $$ for formulas. Do not wrap a whole answer in a code block."
)

PERSONAL = "The person you talk with asks you to keep this in mind in every conversation:"


def before_the_conversation(personal: str) -> str:
    """Return the system message: ours, then what the person wrote, so that theirs has the last word."""
    return f"{PLAIN}\n\n{PERSONAL}\n\n{personal}" if personal else PLAIN


CONTINUE = (
    "Your last answer was cut off. Go on from exactly where it ends, in the middle of a word if need be. "
    "Do not repeat anything and do not comment on the interruption."
)
