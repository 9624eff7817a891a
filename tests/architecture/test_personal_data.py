from django.apps import apps

from accounts import personal_data
from accounts.models import User


def test_every_model_that_points_at_a_person_is_in_their_own_file_or_left_out_for_a_reason() -> None:
    """A new one needs a line in its room's `personal_data`: in an exporter, or `leave_out` with the reason."""
    pointing = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model is User
    }

    assert pointing - personal_data.accounted_for() == set()
    assert "llm_chat.ChatThread" in pointing
