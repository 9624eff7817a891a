"""Files of people in Django's storage: on a disk that does not last, or far away in a store that may not answer."""

import logging
from contextlib import ExitStack

from django.core.files.base import File
from django.core.files.storage import default_storage

logger = logging.getLogger(__name__)


class OutOfReach(Exception):
    """The storage does not answer. What it keeps is not gone; people are asked to try again."""


def opened(key: str) -> "File[bytes]":
    """Open a stored file with all of it at hand: what is read of it later asks the storage no more.

    Raises FileNotFoundError for one that is gone, and OutOfReach.
    """
    try:
        with ExitStack() as stack:
            file = stack.enter_context(default_storage.open(key))
            file.open()  # fetches what a store far away keeps
            stack.pop_all()
            return file
    except FileNotFoundError:
        raise
    except Exception as error:
        logger.exception("The storage of files cannot be reached.")
        raise OutOfReach from error
