"""The one settings file. Everything that differs between machines comes from the environment.

``DATABASE_URL``                   default: SQLite in the data folder
``CHAOYANG_PM_DATA_DIR``           database, uploads, secret key, anchors; default ``var/``
``CHAOYANG_PM_BUSINESS_DATE``      fixes "today" (ISO date); unset: today in Asia/Shanghai
``CHAOYANG_PM_SECRET_KEY``         default: made at first start and kept in the data folder
``CHAOYANG_PM_ALLOWED_HOSTS``      comma separated; default: this machine only
``CHAOYANG_PM_HTTPS``              ``1`` behind TLS: secure cookies, HSTS, redirect
``CHAOYANG_PM_DEBUG``              ``1`` while developing
"""

import datetime
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from chaoyang_pm.kit.secrets import kept_secret

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def flag(name):
    """A variable that is 1 or 0; anything else stops the start and names it."""
    text = env.str(name, default="0").strip().lower()
    if text not in {"1", "true", "yes", "on", "0", "false", "no", "off", ""}:
        raise ImproperlyConfigured(f"{name}: expected 1 or 0, not {text!r}")
    return text in {"1", "true", "yes", "on"}


def day(name):
    """A variable that is an ISO date, or None where it is not set."""
    text = env.str(name, default="")
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: expected a date such as 2015-10-31, not {text!r}") from error


def database(name, default):
    """A variable that is the address of a SQLite or PostgreSQL database."""
    url = env.str(name, default="") or default
    if not url.startswith(("sqlite://", "postgres://", "postgresql://")):
        raise ImproperlyConfigured(f"{name}: expected postgres://user:password@host/name or sqlite:////path")
    return env.db_url_config(url)


DATA_DIR = Path(env.str("CHAOYANG_PM_DATA_DIR", default="") or BASE_DIR / "var").resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
DEBUG = flag("CHAOYANG_PM_DEBUG")
HTTPS = flag("CHAOYANG_PM_HTTPS")
SECRET_KEY = env.str("CHAOYANG_PM_SECRET_KEY", default="") or kept_secret(DATA_DIR / "secret-key")
ALLOWED_HOSTS = env.list("CHAOYANG_PM_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CHAOYANG_PM_TRUSTED_ORIGINS", default=[])
BUSINESS_DATE = day("CHAOYANG_PM_BUSINESS_DATE")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_filters",
    "django_htmx",
    "auditlog",
    "axes",
    "csp",
    "communities",
    "compounds",
    "oversight",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "chaoyang_pm.kit.uploads.handlers.TooLarge",
]

ROOT_URLCONF = "chaoyang_pm.urls"
WSGI_APPLICATION = "chaoyang_pm.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "oversight.coverage.context.shell",
            ],
            "builtins": ["chaoyang_pm.kit.templatetags.figures", "chaoyang_pm.kit.templatetags.pages"],
        },
    }
]

# --- database -------------------------------------------------------------------------------------
DATABASES = {"default": database("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'portal.sqlite3'}")}
DATABASES["default"].setdefault("CONN_MAX_AGE", 600)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: a DEFERRED transaction that reads before it writes fails at once with "database is
    # locked" when another process wrote meanwhile; IMMEDIATE waits for its turn (DESIGN.md).
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 60,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:
    # A writer that waits longer than this gives up with a clear error instead of holding a page for ever.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c lock_timeout=60s"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people and sessions --------------------------------------------------------------------------
AUTH_USER_MODEL = "communities.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "people:login"
LOGIN_REDIRECT_URL = "coverage:city"
LOGOUT_REDIRECT_URL = "people:login"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True

# Five failures lock the name for an hour; colleagues of the bureau can lift it (people room).
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = datetime.timedelta(hours=1)
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "communities.people.views.locked_out"
# By name alone: an office shares one address, and must not be locked out with one colleague.
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# --- language and time ----------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- files ----------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [path for path in [BASE_DIR / "static" / "dist"] if path.is_dir()]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "files"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Without collected files (tests, DEBUG) the finders serve them; the header lets browsers keep them an hour.
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0 if DEBUG else 3600
FIXTURE_DIRS = [BASE_DIR / "fixtures"]
FILE_UPLOAD_HANDLERS = ["chaoyang_pm.kit.uploads.handlers.SpoolHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# --- security -------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
CSRF_COOKIE_SAMESITE = "Lax"
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
