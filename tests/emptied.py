"""Tables after a test that committed: those that have rows are emptied, where Django empties all and makes rights anew.

That was a sixth of all the time of the tests on SQLite and more on Postgres, which takes a new file for each table and
each index it truncates.
"""

from functools import cache

from django.core.management import call_command
from django.db import connection, transaction
from django.test import TransactionTestCase

KEPT = frozenset({"django_content_type", "auth_permission"})
"""What migrations put there; no test changes it."""


def empty_tables(test: TransactionTestCase) -> None:
    """Take the place of `TransactionTestCase._fixture_teardown`."""
    if connection.vendor == "postgresql" and not _may_pass_triggers():
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_which_have_rows())
        written = [name for (name,) in cursor.fetchall()]
        if written and connection.vendor == "postgresql":
            # Keys would be looked up row by row; and what may never be deleted goes, too.
            cursor.execute("SET LOCAL session_replication_role = replica")
        for name in written:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")  # noqa: S608


@cache
def _may_pass_triggers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        return bool(cursor.fetchone()[0])


@cache
def _which_have_rows() -> str:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    quoted = connection.ops.quote_name
    return " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quoted(name)})"  # noqa: S608
        for name in sorted({*names} - KEPT)
    )
