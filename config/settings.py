"""All settings, one file. Environments differ by variables only; each variable has a line in `.env.example`."""

import os
from pathlib import Path
from typing import Any

import dj_database_url
from django.utils.csp import CSP
from dotenv import load_dotenv

from config import env, mailers, redis_url, storages

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
load_dotenv(BASE_DIR / ".env")

# --- Where we run -------------------------------------------------------------------------------------------------

DEBUG = env.flag("DJANGO_DEBUG", False)
ON_HEROKU = "DYNO" in os.environ
# Cookies and redirects that need TLS in front; the proxy header is only trusted where a proxy is known to set it.
BEHIND_TLS = env.flag("DJANGO_HTTPS", ON_HEROKU)

# Settings import with no secret set (build phase, management commands); `config.serving` refuses to serve without.
UNSET_SECRET_KEY = "unset-and-never-served"  # noqa: S105  not a secret: the sign that there is none
SECRET_KEY = env.text("DJANGO_SECRET_KEY") or (env.kept_secret(VAR_DIR / "secret_key") if DEBUG else UNSET_SECRET_KEY)
SECRET_KEY_FALLBACKS = env.words("DJANGO_SECRET_KEY_FALLBACKS")  # read with any of them, written with the one above
# What teams hand us to keep (keys of model vendors) is encrypted with these, the first one writing; see `lib.vault`.
VAULT_KEYS = env.words("VAULT_KEYS") or ([env.kept_secret(VAR_DIR / "vault_key")] if DEBUG else [])

ALLOWED_HOSTS = env.words("DJANGO_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],.herokuapp.com")
CSRF_TRUSTED_ORIGINS = env.words("DJANGO_CSRF_TRUSTED_ORIGINS")
SITE_NAME = env.text("SITE_NAME", "Parley")

INSTALLED_APPS = [
    "daphne",  # first: its runserver serves WebSockets
    "config.apps.ProductAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "lib",
    "realtime",
    "accounts",
    "teams",
    "llm_service",
    "bots",
    "llm_chat",
    "config",
]

MIDDLEWARE = [
    # Headers first: an answer of any other middleware, and a refused host name, carry them too.
    "config.permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "lib.request_log.RequestLogMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.middleware.DeviceMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.language.ChosenLanguageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "teams.middleware.TeamMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["django.templatetags.i18n"],  # every template speaks the reader's language
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.page_context.page",
            ],
        },
    }
]

# --- Data ---------------------------------------------------------------------------------------------------------

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASE_POOL_SIZE = env.whole("DATABASE_POOL_SIZE", 8)
_database = dj_database_url.parse(env.text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'db.sqlite3'}"))
if _database["ENGINE"].endswith("sqlite3"):
    if "://" not in str(_database["NAME"]) and _database["NAME"] != ":memory:":
        Path(_database["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    _database["OPTIONS"] = {
        # Readers never wait for the writer, and a transaction takes the write lock when it begins, not midway.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
    _database["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}  # a file: threads of one test share it
else:
    _database["CONN_MAX_AGE"] = 0  # required by the pool
    _database["OPTIONS"] = {
        **_database.get("OPTIONS", {}),
        # Tries to reconnect begin anew every few seconds: left alone their pauses would double up to minutes.
        "pool": {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": 10, "reconnect_timeout": 4},
    }
DATABASES = {"default": _database}

# One variable for the layer, the cache and Celery; without it a single process keeps all in memory.
REDIS_URL = redis_url.normalised(env.text("REDIS_URL"))
REDIS_PREFIX = env.text("REDIS_PREFIX", "parley")
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            # redis-py 8 gives up a blocking read after 5 s by default, which drops idle subscriptions.
            "CONFIG": {
                "hosts": [{"address": REDIS_URL, "socket_timeout": None}],
                "prefix": REDIS_PREFIX,
            },
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

MEDIA_ROOT = env.text("MEDIA_ROOT", str(VAR_DIR / "media"))
FILE_UPLOAD_HANDLERS = ["lib.uploads.BoundedUploadHandler"]
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS: list[Any] = [
    *([BASE_DIR / "static" / "dist"] if (BASE_DIR / "static" / "dist").exists() else []),
    ("guide", BASE_DIR / "docs" / "guide" / "images"),
]
STORAGES = {
    "default": storages.for_files(env.text("AWS_STORAGE_BUCKET_NAME")),
    # Vite already names its files by content; a manifest here would only add a build-order trap.
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedStaticFilesStorage"
    },
}
# Without `collectstatic` (a checkout that was only built) the built files are found where they are.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG or not STATIC_ROOT.exists()

# --- People -------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.sign_in_backend.SignInBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "llm_chat:home"
LOGOUT_REDIRECT_URL = "account_login"
PASSWORD_RESET_TIMEOUT = env.whole("DJANGO_PASSWORD_RESET_TIMEOUT", 3600)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ADMIN_REQUIRE_MFA = env.flag("ADMIN_REQUIRE_MFA", False)
FIRST_SUPERUSER_EMAIL = env.text("DJANGO_USER_NAME")
FIRST_SUPERUSER_PASSWORD = env.text("DJANGO_PASSWORD")
# Off holds mail back: it is printed instead of sent, whatever the backend.
_email_backend = env.text("DJANGO_EMAIL_BACKEND", mailers.CONSOLE)
EMAIL_SENDING_ENABLED = env.flag("EMAIL_SENDING_ENABLED", mailers.sends(_email_backend))
if mailers.sends(_email_backend) and not EMAIL_SENDING_ENABLED:
    _email_backend = mailers.CONSOLE
MAILERS = {"default": mailers.mailer(_email_backend, files=VAR_DIR / "mail")}
ANYMAIL = mailers.anymail(_email_backend)
EMAIL_VERIFICATION_REQUIRED = env.flag("EMAIL_VERIFICATION_REQUIRED", EMAIL_SENDING_ENABLED)
EMAIL_VERIFICATION_TIMEOUT = env.whole("EMAIL_VERIFICATION_TIMEOUT", 86_400)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("DEFAULT_FROM_EMAIL", "parley@localhost")
AUDIT_LOG_DAYS = env.whole("AUDIT_LOG_DAYS", 400)
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if EMAIL_VERIFICATION_REQUIRED else "none"
ACCOUNT_EMAIL_CONFIRMATION_HMAC = False
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = EMAIL_VERIFICATION_TIMEOUT / 86_400
ACCOUNT_CHANGE_EMAIL = True  # a new address takes the old one's place once it is confirmed
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
}
ACCOUNT_LOGIN_TIMEOUT = 3600  # a link opened within it, in the browser that asked for it, also signs in
# How often a confirmation is sent to one address is `accounts.verification`'s business; this is a fence behind it.
ACCOUNT_RATE_LIMITS = {"confirm_email": "20/h/key", "share_link": "60/h/user", "shared_page": "240/m/ip"}
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_ADAPTER = "accounts.second_step.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Where addresses count, nobody gets in with one that is not confirmed; where they do not, a second step still helps.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_TOLERANCE = 1  # a code may be typed for as long as it takes
MFA_FORMS = {
    "authenticate": "accounts.second_step_forms.AuthenticateForm",
    "reauthenticate": "accounts.second_step_forms.ReauthenticateForm",
    "activate_totp": "accounts.second_step_forms.ActivateTOTPForm",
    "login_webauthn": "accounts.second_step_forms.LoginPasskeyForm",
    "authenticate_webauthn": "accounts.second_step_forms.AuthenticatePasskeyForm",
    "reauthenticate_webauthn": "accounts.second_step_forms.ReauthenticatePasskeyForm",
    "add_webauthn": "accounts.second_step_forms.AddPasskeyForm",
    "edit_webauthn": "accounts.second_step_forms.RenamePasskeyForm",
}
# Sign-in limits count per address: behind proxies that is the one the first of them saw, never what a client claims.
ALLAUTH_TRUSTED_PROXY_COUNT = env.whole("DJANGO_TRUSTED_PROXIES", 1 if BEHIND_TLS else 0)

# --- Models -------------------------------------------------------------------------------------------------------

LLM_DEFAULT_MODEL = env.text("LLM_DEFAULT_MODEL")
LLM_ALLOWED_MODELS = env.words("LLM_ALLOWED_MODELS")
LLM_VISION_MODELS = env.words("LLM_VISION_MODELS")
LLM_CLIENT = env.text("LLM_CLIENT", "llm_service.client.LiteLLMClient")
LLM_REQUEST_TIMEOUT = env.seconds("LLM_REQUEST_TIMEOUT", 60)
LLM_CONNECT_TIMEOUT = env.seconds("LLM_CONNECT_TIMEOUT", 10)
LLM_FIRST_TOKEN_TIMEOUT = env.seconds("LLM_FIRST_TOKEN_TIMEOUT", LLM_REQUEST_TIMEOUT)
LLM_TOTAL_TIMEOUT = env.seconds("LLM_TOTAL_TIMEOUT", 600)
LLM_MAX_RETRIES = env.whole("LLM_MAX_RETRIES", 2)
LLM_LOG_WRITE_TIMEOUT = env.seconds("LLM_LOG_WRITE_TIMEOUT", 5)
LLM_BODIES_KEEP_DAYS = env.whole("LLM_BODIES_KEEP_DAYS", 30)
LLM_LOGS_KEEP_DAYS = env.whole("LLM_LOGS_KEEP_DAYS", 400)
LLM_PRE_CALL_HOOKS = env.words("LLM_PRE_CALL_HOOKS")
LLM_POST_CALL_HOOKS = env.words("LLM_POST_CALL_HOOKS")
LLM_EXACT_TOKENS = env.flag("LLM_EXACT_TOKENS", False)
LLM_WARM_UP = env.flag("LLM_WARM_UP", True)
LLM_MAX_TURNS_PER_PROCESS = env.whole("LLM_MAX_TURNS_PER_PROCESS", 300)
LLM_DEMO_TOKENS_PER_SECOND = env.seconds("LLM_DEMO_TOKENS_PER_SECOND", 60)
LLM_TITLE_MODEL = env.text("LLM_TITLE_MODEL")
LLM_SUMMARY_MODEL = env.text("LLM_SUMMARY_MODEL")
TEST_APIS = env.flag("TEST_APIS", False)

# --- Chat ---------------------------------------------------------------------------------------------------------

CHAT_MESSAGE_INTERVAL = env.seconds("CHAT_MESSAGE_INTERVAL", 1)
CHAT_HISTORY_TOKENS = env.whole("CHAT_HISTORY_TOKENS", 20_000)
CHAT_DRAIN_SECONDS = env.seconds("CHAT_DRAIN_SECONDS", 20)
ATTACHMENT_MAX_MB = env.whole("ATTACHMENT_MAX_MB", 20)
ATTACHMENT_MAX_PER_MESSAGE = env.whole("ATTACHMENT_MAX_PER_MESSAGE", 10)
ATTACHMENT_TOTAL_MB = env.whole("ATTACHMENT_TOTAL_MB", 1_000)
ATTACHMENT_MAX_MEGAPIXELS = env.whole("ATTACHMENT_MAX_MEGAPIXELS", 50)
ATTACHMENT_MAX_PAGES = env.whole("ATTACHMENT_MAX_PAGES", 300)
ATTACHMENT_MAX_CHARACTERS = env.whole("ATTACHMENT_MAX_CHARACTERS", 400_000)
ATTACHMENT_READING_SECONDS = env.whole("ATTACHMENT_READING_SECONDS", 20)
ATTACHMENT_READING_MB = env.whole("ATTACHMENT_READING_MB", 512)
# What opens hostile files is given no secrets.
CHILD_ENVIRONMENT = {name: env.text(name) for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if env.text(name)}

# --- Calls to addresses that people name --------------------------------------------------------------------------

OUTBOUND_ALLOWED_NETWORKS = env.networks("OUTBOUND_ALLOWED_NETWORKS")

# --- Background jobs ----------------------------------------------------------------------------------------------

TASK_WORKERS = env.whole("TASK_WORKERS", 2)
TASKS_BACKEND = env.one_of("TASKS_BACKEND", ("database", "celery"))
TASKS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}
    if TASKS_BACKEND == "database"
    else {"BACKEND": "lib.celery_backend.CeleryBackend", "QUEUES": [], "OPTIONS": {"APP": "config.celery.app"}}
}

# --- Browser trust ------------------------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    # KaTeX places its boxes with style attributes; they cannot load or run anything.
    "style-src-attr": [CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "worker-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
# What no page needs is off; what is named here is what Chromium knows.
PERMISSIONS_POLICY = {
    **dict.fromkeys(
        (
            *("accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read"),
            *("display-capture", "encrypted-media", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection"),
            *("local-fonts", "magnetometer", "microphone", "midi", "payment", "picture-in-picture"),
            *("screen-wake-lock", "serial", "usb", "window-management", "xr-spatial-tracking"),
        ),
        "",
    ),
    # Copy buttons, and passkeys.
    **dict.fromkeys(("clipboard-write", "publickey-credentials-create", "publickey-credentials-get"), "self"),
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = BEHIND_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None

SERVER_SECRETS = frozenset(
    {*env.secrets_among(os.environ), SECRET_KEY, *VAULT_KEYS}
)  # hidden in whatever is written: `lib.redaction`
DEFAULT_EXCEPTION_REPORTER = "config.debug_pages.Reporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "config.debug_pages.Filter"

# --- Language, time, logs -----------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]  # as each calls itself; docs/translating.md adds another
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = BEHIND_TLS
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "config.formats"  # how days and times are written in each language
LOG_FORMAT = env.one_of("LOG_FORMAT", ("text", "json") if DEBUG else ("json", "text"))
LOG_LEVEL = env.text("LOG_LEVEL", "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "lib.logs.TextFormatter"},
        "json": {"()": "lib.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "daphne": {"level": "WARNING"},
        # Django's own handler would write each line once more, addresses and all; and at DEBUG it writes every value
        # that goes into the database.
        "django": {"handlers": [], "level": "INFO"},
        "django.request": {"level": "ERROR"},  # what it warns of has its line in the access log
        "httpx": {"level": "WARNING"},
        "LiteLLM": {"level": "ERROR"},
    },
}
# HSTS preload binds a domain for years: its owner's choice, not ours. A site may do without mail, too.
SILENCED_SYSTEM_CHECKS = ["security.W021"] if EMAIL_SENDING_ENABLED else ["security.W021", "mail.E001"]
