"""All settings. Values come from the process environment or an optional .env file (see .env.example)."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import environ
from csp.constants import NONE, SELF

from config import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")
urls = embedded.urls() if embedded.needed() else {}

TESTING = "PYTEST_VERSION" in os.environ
# Commands that change tables run as the owner; everything else as the role that owns nothing.
OWNER_COMMANDS = {"migrate", "sqlmigrate", "dbshell", "squashmigrations"}


def secret_key() -> str:
    """SECRET_KEY, or one made once and kept in the state folder."""
    given = env.str("SECRET_KEY", default="")
    if given:
        return str(given)
    path = embedded.home() / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50) + "\n")
    return path.read_text().splitlines()[0]


DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = secret_key()
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://127.0.0.1:{env.int('PORT', default=8000)}").rstrip("/")
SECURE = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[PUBLIC_URL])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "config.apps.OurStaticFiles",
    "django.contrib.postgres",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "config",
    "common",
    "jobs",
    "accounts",
    "notices",
    "conversations",
    "scorecards",
    "qa_reviews",
    "insights",
    "coaching",
    "desk",
    "allauth",  # below ours, whose templates come first
    "allauth.account",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "common.middleware.ApiSlashMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "common.middleware.ProblemPagesMiddleware",
]

ROOT_URLCONF = "config.urls"
CSRF_FAILURE_VIEW = "desk.errors.csrf_failure"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.pages.workspace_context",
            ],
        },
    },
]

# --- database ---------------------------------------------------------------------------------------
_command = sys.argv[1] if len(sys.argv) > 1 else ""
_as_owner = _command in OWNER_COMMANDS or TESTING  # tests make and drop their own database
_app_url = env.str("DATABASE_URL", default="") or urls.get("DATABASE_URL", "")
_owner_url = env.str("DATABASE_OWNER_URL", default="") or urls.get("DATABASE_OWNER_URL", "") or _app_url
DATABASES = {
    "default": {
        **env.db_url_config(_owner_url if _as_owner else _app_url),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": env.str("TEST_DATABASE_NAME", default="test_plumbline")},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- cache and jobs ---------------------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", default="") or urls.get("REDIS_URL", "")
BROKER_URL = env.str("BROKER_URL", default="") or urls.get("BROKER_URL", "") or REDIS_URL
if TESTING and urls:  # beside a running server, each parallel worker of a test run has two of its own
    _number = 10 + 2 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    REDIS_URL = REDIS_URL.replace("db=0", f"db={_number}")
    BROKER_URL = BROKER_URL.replace("virtual_host=1", f"virtual_host={_number + 1}")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
}

# --- log-in -----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, for tests only
    if TESTING
    else ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "accounts.adapters.ClosedSignup"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"

# --- API --------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.KeyAuthentication",
        "accounts.authentication.PageSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [],  # every view names its capability; tests/architecture checks it
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["common.parsers.SafeJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "common.problems.exception_handler",
    "NUM_PROXIES": env.int("NUM_PROXIES", default=0),
    "UNAUTHENTICATED_USER": None,
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Plumbline API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": [],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1/w/{slug}",
    "ENUM_NAME_OVERRIDES": {
        "AgentKind": "accounts.models.Agent.Kind",
        "MemberKind": "accounts.models.Member.Kind",
        "Responsible": "accounts.models.WorkspaceSettings.Responsible",
        "JobState": "jobs.models.Job.State",
        "AssignmentState": "coaching.models.Assignment.State",
        "CalibrationState": "qa_reviews.models.CalibrationSession.State",
        "CoachingPeriod": "coaching.models.CoachingPeriod",
        "CoachingRuleKind": "coaching.models.CoachingRule.Kind",
        "CoachingRunState": "coaching.models.CoachingRun.State",
        "SignalWordsKind": "conversations.models.SignalWords.Kind",
        "ImportRunKind": "conversations.models.ImportRun.Kind",
        "ImportRunState": "conversations.models.ImportRun.State",
        "CommentVisibility": "qa_reviews.models.ReviewComment.Visibility",
        "LibraryItemKind": "scorecards.models.LibraryItem.Kind",
        "DisputeKind": "qa_reviews.models.Dispute.Kind",
        "DisputeState": "qa_reviews.models.Dispute.State",
        "RemarkKind": "qa_reviews.models.Remark.Kind",
        "QueueItemState": "qa_reviews.models.QueueItem.State",
        "QuotaOf": "qa_reviews.models.SamplePlan.QuotaOf",
        "QuotaKind": "qa_reviews.models.SamplePlan.QuotaKind",
        "SamplePlanKind": "qa_reviews.models.SamplePlan.Kind",
        "SamplePlanPeriod": "qa_reviews.models.SamplePlan.Period",
        "TimedReviews": "qa_reviews.serializers.planner.TIMED",
        "RatingState": "qa_reviews.models.Rating.State",
        "ReviewKind": "qa_reviews.models.Review.Kind",
        "ReviewState": "qa_reviews.models.Review.State",
        "VersionState": "scorecards.models.ScorecardVersion.State",
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024

# --- security ---------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = False  # the proxy in front does it
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SESSION_COOKIE_HTTPONLY = True

# --- files, mail, language, time --------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "common.storage.ModuleStorage"
    },
}
WHITENOISE_MAX_AGE = 3600
WHITENOISE_AUTOREFRESH = TESTING  # or each test client reads the whole folder
EMAIL_CONFIG = env.email("EMAIL_URL", default="filemail:///")
vars().update(EMAIL_CONFIG)
EMAIL_FILE_PATH = str(embedded.home() / "outbox")
EMAIL_TIMEOUT = 15  # seconds; a mail server that hangs must not hold a worker
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="plumbline@localhost")
# Whether the chat webhook may lead into private networks, and by http: for intranets and tests.
NOTICES_ALLOW_PRIVATE_HOSTS = env.bool("NOTICES_ALLOW_PRIVATE_HOSTS", default=False)
LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "httpx2": {"level": "WARNING"},  # it logs whole addresses, and a webhook's is a secret
    },
}
