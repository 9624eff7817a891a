from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "lib"
    verbose_name = "Mail"  # the only thing of it that the admin shows

    def ready(self) -> None:
        from lib import checks, job_workers, lifecycle  # noqa: F401, PLC0415  they load models; checks register

        lifecycle.register(start=job_workers.start_with_server, stop=job_workers.end_with_server)
