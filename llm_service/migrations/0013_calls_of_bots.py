from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("llm_service", "0012_replays_of_a_call")]

    operations = [
        migrations.RemoveIndex(model_name="llmcalllog", name="llm_call_of_bot"),
        migrations.AddIndex(
            model_name="llmcalllog",
            index=models.Index(
                condition=models.Q(("bot_id__isnull", False)),
                fields=["bot_id", "created_at"],
                name="llm_call_of_bot",
            ),
        ),
    ]
