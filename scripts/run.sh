#!/bin/sh
# Sets up, prepares the database and serves on 127.0.0.1.
set -eu

sh scripts/setup.sh
# A variable set by hand wins over .env, and .env over the development default.
if ! grep -Eqs '^[[:space:]]*(export[[:space:]]+)?DJANGO_DEBUG=' .env; then
    DJANGO_DEBUG=${DJANGO_DEBUG:-True}
    export DJANGO_DEBUG
fi
.venv/bin/python manage.py prepare --port "$PORT"
exec .venv/bin/python -m daphne -b 127.0.0.1 -p "$PORT" --ping-interval 10 --ping-timeout 15 config.asgi:application
