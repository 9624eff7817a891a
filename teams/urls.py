from django.urls import path

from teams import views

app_name = "teams"

urlpatterns = [
    path("", views.listed, name="list"),
    path("new/", views.new, name="new"),
    path("keys/", views.own_keys, name="own_keys"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
    # One team
    path("<uuid:team_id>/", views.members, name="team"),
    path("<uuid:team_id>/switch/", views.switch, name="switch"),
    path("<uuid:team_id>/members/<int:user_id>/role/", views.change_role, name="role"),
    path("<uuid:team_id>/members/<int:user_id>/remove/", views.remove, name="remove"),
    path("<uuid:team_id>/invitations/", views.invitations, name="invitations"),
    path("<uuid:team_id>/invitations/<uuid:invitation_id>/resend/", views.resend, name="resend"),
    path("<uuid:team_id>/invitations/<uuid:invitation_id>/cancel/", views.cancel, name="cancel"),
    path("<uuid:team_id>/settings/", views.settings, name="settings"),
    path("<uuid:team_id>/transfer/", views.transfer, name="transfer"),
    path("<uuid:team_id>/leave/", views.leave, name="leave"),
    path("<uuid:team_id>/delete/", views.delete, name="delete"),
    path("<uuid:team_id>/keys/", views.keys, name="keys"),
    path("<uuid:team_id>/keys/<int:key_id>/revoke/", views.revoke_key, name="revoke_key"),
    path("<uuid:team_id>/audit/", views.audit_log, name="audit"),
    path("<uuid:team_id>/audit/audit-log.csv", views.audit_log_file, name="audit_file"),
]
