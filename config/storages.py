"""Where files of people are kept: on the local disk, or in any store that speaks S3 once a bucket is named."""

from typing import Any

from config import env

CONNECT_SECONDS = 4
SILENT_SECONDS = 15
TRIES = 2
HELD_IN_MEMORY = 1024 * 1024


def for_files(bucket: str) -> dict[str, Any]:
    if not bucket:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    from botocore.config import Config  # noqa: PLC0415  only those who keep files in a bucket pay for it

    options = {
        "bucket_name": bucket,
        "access_key": env.text("AWS_ACCESS_KEY_ID") or None,
        "secret_key": env.text("AWS_SECRET_ACCESS_KEY") or None,
        "region_name": env.text("AWS_S3_REGION_NAME") or None,
        "endpoint_url": env.text("AWS_S3_ENDPOINT_URL") or None,
        "location": env.text("AWS_LOCATION"),
        "default_acl": None,  # as the bucket says: nobody but us is to read it
        "file_overwrite": False,
        "querystring_auth": True,
        "max_memory_size": HELD_IN_MEMORY,  # the rest of a file on its way out waits on the disk; 0 is no limit
        "client_config": Config(
            # Left alone, somebody who sends a file waits five minutes to hear that the store is away.
            connect_timeout=CONNECT_SECONDS,
            read_timeout=SILENT_SECONDS,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            # Amazon's newest checks of every body are what other stores do not know.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
