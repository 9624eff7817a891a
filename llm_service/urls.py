from django.urls import path

from llm_service.views import call, calls, exports, keeping, overview, playground, saved_views

app_name = "operations"

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("calls/", calls.calls, name="calls"),
    path("calls/rows/", calls.rows, name="rows"),
    path("calls/calls.csv", exports.export, {"format_": "csv"}, name="calls_csv"),
    path("calls/calls.jsonl", exports.export, {"format_": "jsonl"}, name="calls_jsonl"),
    path("calls/<uuid:call_id>/", call.call, name="call"),
    path("calls/<uuid:call_id>/words/", call.words, name="words"),
    path("views/", saved_views.save_view, name="save_view"),
    path("views/<int:view_id>/forget/", saved_views.forget_view, name="forget_view"),
    path("playground/", playground.playground, name="playground"),
    path("playground/run/", playground.run, name="run_playground"),
    path("playground/tool/", playground.run_tool, name="run_playground_tool"),
    path("playground/save/", playground.save, name="save_playground"),
    path("playground/calls/<uuid:call_id>/", playground.numbers, name="playground_numbers"),
    path("playground/<uuid:playground_id>/", playground.playground, name="kept_playground"),
    path("playground/<uuid:playground_id>/change/", playground.change, name="change_playground"),
    path("teams/<uuid:team_id>/keeping/", keeping.keeping, name="keeping"),
]
