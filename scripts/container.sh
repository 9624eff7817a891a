#!/bin/sh
# In a container: secrets come as files where SECRETS_DIR says so, everything else as variables.
set -eu
if [ -n "${SECRETS_DIR:-}" ]; then
    DJANGO_SECRET_KEY=${DJANGO_SECRET_KEY:-$(cat "$SECRETS_DIR/django_secret_key")}
    VAULT_KEYS=${VAULT_KEYS:-$(cat "$SECRETS_DIR/vault_keys")}
    DATABASE_URL=${DATABASE_URL:-postgres://parley:$(cat "$SECRETS_DIR/postgres_password")@postgres:5432/parley}
    export DJANGO_SECRET_KEY VAULT_KEYS DATABASE_URL
fi
exec "$@"
