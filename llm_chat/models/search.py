"""What can be searched for. Of each text a row that says where it stands; its words are beside it.

They are a `tsvector` of the row on Postgres and a row of the FTS5 table `llm_chat_searchwords` on SQLite, where a
trigger takes them away with their row: a migration that has SQLite rebuild this table must make the trigger anew.
"""

from django.db import models

from llm_chat.models.threads import ChatMessage, ChatThread


class SearchEntry(models.Model):
    """A message that is complete, or the title of a thread where `message` is null. The id rises with time."""

    id = models.BigIntegerField(primary_key=True)
    # No constraints in the database: their locks would have a person who writes wait for what is being indexed.
    thread = models.ForeignKey(ChatThread, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    message = models.OneToOneField(
        ChatMessage, on_delete=models.CASCADE, null=True, db_constraint=False, related_name="+"
    )
    scope = models.CharField(max_length=80, help_text="The person and the team; a word of the text, too.")

    class Meta:
        indexes = [models.Index(fields=["scope", "-id"], name="search_newest_in_scope")]
        verbose_name_plural = "search entries"

    def __str__(self) -> str:
        return f"words of {self.message_id or self.thread_id}"


def scope_of(user_id: int, team_id: object) -> str:
    """Return the word that stands in all texts of a person's threads in a team, and cannot be typed."""
    return f"\u00a7{user_id}\u00a7{str(team_id).replace('-', '')}"
