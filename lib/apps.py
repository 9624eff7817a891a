from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "lib"

    def ready(self) -> None:
        from lib import job_workers, lifecycle  # noqa: PLC0415  they load models

        lifecycle.register(start=job_workers.start_with_server, stop=job_workers.end_with_server)
