"""allauth's views at this product's own addresses; the names stay allauth's, which looks its pages up by name."""

from allauth.account import views as allauth_views
from django.urls import include, path, re_path

from accounts import verification_views, views

urlpatterns = [
    path("login/", allauth_views.login, name="account_login"),
    path("logout/", allauth_views.logout, name="account_logout"),
    path("inactive/", allauth_views.account_inactive, name="account_inactive"),
    path("signup/", allauth_views.signup, name="account_signup"),
    path("reauthenticate/", allauth_views.reauthenticate, name="account_reauthenticate"),
    # The e-mail address
    path("verify-email/sent/", verification_views.sent, name="account_email_verification_sent"),
    path("verify-email/resend/", verification_views.resend, name="account_resend_verification"),
    path("verify-email/<str:key>/", verification_views.Confirm.as_view(), name="account_confirm_email"),
    path("verify-required/", verification_views.required, name="account_verify_required"),
    # The password
    path("password_change/", views.PasswordChange.as_view(), name="account_change_password"),
    path("password_set/", allauth_views.password_set, name="account_set_password"),
    path("password_reset/", allauth_views.password_reset, name="account_reset_password"),
    path("password_reset/done/", allauth_views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("reset/done/", allauth_views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    # The second step, and devices
    path("mfa/", include("allauth.mfa.urls")),
    path("settings/devices/", views.devices, name="account_devices"),
    path("settings/devices/sign-out-others/", views.sign_out_others, name="account_sign_out_others"),
    path("settings/devices/<uuid:device_id>/sign-out/", views.sign_out_device, name="account_sign_out_device"),
    # The rest
    path("settings/history/", views.history, name="account_history"),
    path("settings/", views.settings, name="account_settings"),
    path("settings/account/", views.account, name="account_own"),
    path("settings/email/", views.email, name="account_change_email"),
    path("settings/email/cancel/", views.keep_email, name="account_keep_email"),
    path("settings/data/", views.data, name="account_data"),
    path("settings/theme/", views.theme, name="account_theme"),
    path("delete/", views.delete, name="account_delete"),
]
