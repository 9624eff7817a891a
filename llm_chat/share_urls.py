from django.urls import path

from llm_chat import views

app_name = "share"

urlpatterns = [
    path("<str:share_token>/", views.shared_page, name="page"),
    path("<str:share_token>/preview.png", views.shared_preview, name="preview"),
    path("<str:share_token>/pictures/<uuid:picture_id>/", views.shared_picture, name="picture"),
    path("<str:share_token>/continue/", views.shared_copy, name="copy"),
]
