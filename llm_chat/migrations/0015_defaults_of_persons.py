"""Take over which presets people made their default."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def take_over(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    presets = apps.get_model("llm_chat", "Preset").objects.filter(is_default=True, user__isnull=False)
    defaults = apps.get_model("llm_chat", "DefaultPreset").objects
    for preset in presets.iterator():
        defaults.get_or_create(team_id=preset.team_id, user_id=preset.user_id, defaults={"preset": preset})


class Migration(migrations.Migration):
    dependencies = [("llm_chat", "0014_left_threads_and_default_presets")]

    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
