#!/usr/bin/env python
import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["test"] and "TEST_APIS" not in os.environ:
        os.environ.setdefault("PYTHON_DOTENV_DISABLED", "1")  # tests use nobody's database and nobody's key
    execute_from_command_line(sys.argv)
