#!/bin/sh
# Makes the secrets of a compose installation, once: a later start finds them and leaves them as they are.
set -eu
cd "$1"
for name in django_secret_key vault_keys postgres_password; do
    [ -s "$name" ] && continue
    head -c 48 /dev/urandom | base64 | tr -d '/+=\n' >"$name"
    chmod 444 "$name" # the services that mount the volume run as different users
done
