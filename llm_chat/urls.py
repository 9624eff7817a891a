from django.urls import path

from llm_chat import views

app_name = "llm_chat"

urlpatterns = [
    path("", views.home, name="home"),
    path("settings/", views.preferences, name="settings"),
    path("settings/import/", views.imports, name="imports"),
    path("settings/links/", views.links, name="links"),
    path("settings/links/<uuid:thread_id>/revoke/", views.revoke_link, name="revoke_link"),
    path("<uuid:thread_id>/", views.thread, name="thread"),
    path("api/attachments/", views.attach, name="attach"),
    path("api/attachments/<uuid:attachment_id>/", views.attachment, name="attachment"),
    path("api/attachments/<uuid:attachment_id>/thumbnail/", views.thumbnail, name="thumbnail"),
    path("api/threads/", views.threads_json, name="threads"),
    path("api/threads/change/", views.change_threads, name="change_threads"),
    path("api/tags/", views.tags_json, name="tags"),
    path("api/tags/change/", views.change_tag, name="change_tag"),
    path("api/search/", views.search_json, name="search"),
    path("api/threads/<uuid:thread_id>/messages/", views.messages_json, name="messages"),
    path("api/threads/<uuid:thread_id>/leave/", views.leave_temporary, name="leave_temporary"),
    path("api/threads/<uuid:thread_id>/export/", views.export, name="export"),
    path("api/threads/<uuid:thread_id>/share/", views.share, name="share"),
    path("api/messages/<uuid:message_id>/details/", views.details, name="details"),
    path("api/messages/<uuid:message_id>/feedback/", views.feedback, name="feedback"),
    path("api/threads/<uuid:thread_id>/branch/", views.choose_branch, name="branch"),
    path("api/threads/<uuid:thread_id>/fork/", views.fork, name="fork"),
    path("api/threads/<uuid:thread_id>/settings/", views.change_settings, name="change_settings"),
    path("api/threads/<uuid:thread_id>/context/", views.context_json, name="context"),
    path("api/models/", views.models_json, name="models"),
    path("api/prompts/", views.prompts_json, name="prompts"),
    path("api/prompts/change/", views.change_prompt, name="change_prompt"),
    path("api/presets/", views.presets_json, name="presets"),
    path("api/presets/change/", views.change_preset, name="change_preset"),
]
