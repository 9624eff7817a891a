from django.urls import path

from llm_chat import views

app_name = "llm_chat"

urlpatterns = [
    path("", views.home, name="home"),
    path("settings/", views.preferences, name="settings"),
    path("<uuid:thread_id>/", views.thread, name="thread"),
    path("api/threads/", views.threads_json, name="threads"),
    path("api/threads/change/", views.change_threads, name="change_threads"),
    path("api/threads/<uuid:thread_id>/messages/", views.messages_json, name="messages"),
]
