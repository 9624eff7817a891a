"""What a model is told before the conversation, when no bot says otherwise."""

PLAIN = (
    "You are a helpful assistant in a chat. Answer in the language of the person. "
    "Write Markdown: short paragraphs, lists where they help, fenced code blocks with the language named, "
    "tables for comparisons, LaTeX between $$ for formulas. Do not wrap a whole answer in a code block."
)

PERSONAL = "The person you talk with asks you to keep this in mind in every conversation:"
OF_THREAD = "For this conversation they ask you to keep this in mind; where the two differ, this counts:"
SUMMARY = "This is a summary of the beginning of the conversation, which is too long to be shown to you in full:"
LEFT_OUT = (
    "Some earlier messages of this conversation are not shown to you. Where an answer depends on them, say that you "
    "cannot see them any more."
)


def before_the_conversation(personal: str, *, of_thread: str = "", summary: str = "", leaves_out: bool = False) -> str:
    """Return the system message.

    Ours, then what the person wrote for every conversation, then for this one: the later has the last word. What
    changes most often comes last, so that vendors can reuse what they have read.
    """
    parts = [PLAIN]
    if personal:
        parts += [PERSONAL, personal]
    if of_thread:
        parts += [OF_THREAD, of_thread]
    if summary:
        parts += [SUMMARY, summary]
    if leaves_out:
        parts.append(LEFT_OUT)
    return "\n\n".join(parts)


CONTINUE = (
    "Your last answer was cut off. Go on from exactly where it ends, in the middle of a word if need be. "
    "Do not repeat anything and do not comment on the interruption."
)
