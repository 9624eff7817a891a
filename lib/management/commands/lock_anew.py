from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lib import vault


class Command(BaseCommand):
    help = "Lock what teams handed over to be kept with the first of VAULT_KEYS, so that the others can go."

    def handle(self, *args: Any, **options: Any) -> None:
        if not vault.can_lock():
            raise CommandError("VAULT_KEYS is not set.")
        done = vault.lock_all_anew()
        if done.unreadable:
            raise CommandError(
                f"{done.locked} locked with the first of VAULT_KEYS. {done.unreadable} cannot be read with any: "
                "add the key they were locked with, or enter those secrets again."
            )
        self.stdout.write(f"{done.locked} locked with the first of VAULT_KEYS. Nothing needs the others any more.")
