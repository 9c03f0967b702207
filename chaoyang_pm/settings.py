"""The one settings file. Everything that differs between machines comes from the environment.

``DATABASE_URL``                   default: SQLite in the data folder
``REDIS_URL``                      broker and cache; default: a folder in the data folder, and memory
``REDIS_PREFIX``                   before every name in Redis, for portals that share one; default ``chaoyang_pm``
``CHAOYANG_PM_DATA_DIR``           database, uploads, broker, secret key, anchors; default ``var/``
``CHAOYANG_PM_BUSINESS_DATE``      fixes "today" (ISO date); unset: that of a demo database, else today in Asia/Shanghai
``CHAOYANG_PM_SECRET_KEY``         default: made at first start and kept in the data folder
``CHAOYANG_PM_ALLOWED_HOSTS``      comma separated; default: this machine only
``CHAOYANG_PM_TRUSTED_ORIGINS``    comma separated addresses that forms may come from, where a front server hides ours
``CHAOYANG_PM_HTTPS``              ``1`` behind TLS: secure cookies, HSTS, redirect
``CHAOYANG_PM_DEBUG``              ``1`` while developing
``CHAOYANG_PM_LOG_LEVEL``          ``INFO`` (default) has a line per request; ``WARNING``, ``ERROR``, ``DEBUG``
``CHAOYANG_PM_API_RATE``           requests a minute of one token or session; default 600
``CHAOYANG_PM_JOBS_LEASE``         seconds until the job of a dead worker is taken over; default 60
``CHAOYANG_PM_JOBS_SWEEP``         seconds between two looks for lost jobs; default 15
``CHAOYANG_PM_JOBS_ATTEMPTS``      how often a job that is cut off each time is tried; default 5
``EMAIL_URL``                      mail server, such as ``smtp+tls://user:password@host:587``; unset: no e-mail
``CHAOYANG_PM_EMAIL_FROM``         whom e-mails come from; needed with a mail server
``CHAOYANG_PM_ADDRESS``            where people reach the portal, for links in e-mails; unset: without links
``CHAOYANG_PM_SMS``                class that sends text messages (``communities.notices.sms``); unset: none
"""

import datetime
from pathlib import Path

from csp.constants import NONE, SELF

from chaoyang_pm.environment import (
    address,
    choice,
    database,
    day,
    env,
    flag,
    folder,
    hosts,
    mail,
    number,
    origins,
    plug,
    redis,
    secret,
    sender,
)
from chaoyang_pm.release import release

BASE_DIR = Path(__file__).resolve().parent.parent
RELEASE = release(BASE_DIR, ["chaoyang_pm", "communities", "compounds", "oversight"])

DATA_DIR = folder("CHAOYANG_PM_DATA_DIR", default=BASE_DIR / "var")
DEBUG = flag("CHAOYANG_PM_DEBUG")
HTTPS = flag("CHAOYANG_PM_HTTPS")
SECRET_KEY = secret("CHAOYANG_PM_SECRET_KEY", default=DATA_DIR / "secret-key")
ALLOWED_HOSTS = hosts("CHAOYANG_PM_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = origins("CHAOYANG_PM_TRUSTED_ORIGINS")
BUSINESS_DATE = day("CHAOYANG_PM_BUSINESS_DATE")
LOG_LEVEL = choice("CHAOYANG_PM_LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR"], default="INFO")

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
    "django_otp",
    "django_otp.plugins.otp_totp",
    "csp",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "chaoyang_pm.kit",
    "communities",
    "compounds",
    "oversight",
]

MIDDLEWARE = [
    "chaoyang_pm.kit.logs.middleware.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "chaoyang_pm.kit.errors.middleware.Closed",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "communities.people.middleware.IdleSessions",
    "django_otp.middleware.OTPMiddleware",
    "communities.people.middleware.LoggedIn",
    "communities.people.middleware.FirstThings",
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
                "oversight.shell.context.frame",
            ],
            "builtins": [
                "chaoyang_pm.kit.templatetags.figures",
                "chaoyang_pm.kit.templatetags.pages",
                "chaoyang_pm.kit.templatetags.portal",
                "chaoyang_pm.kit.templatetags.tables",
            ],
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
    # Compiling a statement (JIT) costs more than it saves where most take milliseconds and the long ones are sums.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c lock_timeout=60s -c jit=off"
    DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- jobs, broker, cache ----------------------------------------------------------------------------
# A worker that died is noticed after a lease and a sweep at most (docs/jobs.md).
JOBS_LEASE = datetime.timedelta(seconds=number("CHAOYANG_PM_JOBS_LEASE", 60))
JOBS_SWEEP = datetime.timedelta(seconds=number("CHAOYANG_PM_JOBS_SWEEP", 15))
JOBS_ATTEMPTS = int(number("CHAOYANG_PM_JOBS_ATTEMPTS", 5))
REDIS_URL = redis("REDIS_URL")
REDIS_PREFIX = env.str("REDIS_PREFIX", default="") or "chaoyang_pm"
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "global_keyprefix": f"{REDIS_PREFIX}:",
        # What a dead worker had fetched and not begun comes back by then; the sweep is sooner.
        "visibility_timeout": 300,
        "socket_connect_timeout": 5,
    }
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL, "KEY_PREFIX": REDIS_PREFIX,
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
        }
    }  # fmt: skip
else:
    CELERY_BROKER_URL = "spool://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {"folder": str(DATA_DIR / "broker"), "polling_interval": 0.25}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "jobs"
# A message is done with once a worker has it: it only says which row to look at, and what the row says counts. Kept
# until the job ends, it would come a second time to every job longer than the visibility timeout.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = 2
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TIMEZONE = "Asia/Shanghai"

# --- channels of notices (communities.notices) ------------------------------------------------------
_MAIL = mail("EMAIL_URL")
EMAIL_HOST, EMAIL_PORT = _MAIL["EMAIL_HOST"], _MAIL["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL["EMAIL_HOST_USER"], _MAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL["EMAIL_USE_TLS"], _MAIL["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = sender("CHAOYANG_PM_EMAIL_FROM", needed=bool(EMAIL_HOST)) or "portal@localhost"
PORTAL_ADDRESS = address("CHAOYANG_PM_ADDRESS")
SMS_GATEWAY = plug("CHAOYANG_PM_SMS")

# --- people and sessions --------------------------------------------------------------------------
AUTH_USER_MODEL = "communities.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "communities.people.backends.AccountBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "communities.people.hashers.InitialPasswordHasher",
]
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600
LOGIN_URL = "people:login"
LOGIN_REDIRECT_URL = "coverage:city"
LOGOUT_REDIRECT_URL = "people:login"
# A session ends after twelve hours, after an hour without use, and with the browser.
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
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
AXES_ENABLE_ACCESS_FAILURE_LOG = True
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

# --- API --------------------------------------------------------------------------------------------
# What an endpoint asks of a reader is judged in kit.api.views, by token and permission matrix.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["communities.tokens.api.Bearer", "communities.people.api.Session"],
    "DEFAULT_THROTTLE_CLASSES": ["communities.tokens.api.PerClient"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_PARSER_CLASSES": ["chaoyang_pm.kit.api.parsers.JsonBody"],
    "EXCEPTION_HANDLER": "chaoyang_pm.kit.api.problems.handle",
    "SCHEMA_COERCE_PATH_PK": False,
}
# Requests a minute of one token, or of one person with a session; without Redis each web process counts for itself.
API_RATE = int(number("CHAOYANG_PM_API_RATE", 600))
# Wrong tokens a minute from one address; more of them are told to wait, good ones from there are not.
API_FAILURES = 20

# The API's description is made by kit.api.schema from what endpoints declare.
SPECTACULAR_SETTINGS = {
    "TITLE": "朝阳市住宅小区物业管理推进平台",
    "DESCRIPTION": (
        "What the portal knows about property management in residential compounds: divisions, compounds, figures, and "
        "every recorded change. Areas are in ㎡, dates ISO 8601. Figures are functions of (division, date, version of "
        "the ledger, counting rule); an answer names them. Errors are problem details in the language of "
        "Accept-Language.\n\n"
        "物业管理数据接口:行政区划、小区、统计数据和每一笔变动记录。面积单位为㎡,日期写作 2015-10-31;"
        "每个数据都注明区划、日期、数据版次和口径。出错时按 Accept-Language 所示语言说明原因。"
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "POSTPROCESSING_HOOKS": [],
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer", "description": "A token made in the portal. 访问令牌"},
            "session": {
                "type": "apiKey",
                "in": "cookie",
                "name": "sessionid",
                "description": "The portal's own session; a write also needs X-CSRFToken. 登录会话",
            },
        }
    },
}

# --- backups (kit.operations) ---------------------------------------------------------------------
# Sessions are keys to the portal: after a restore everybody logs in again. Edits are counted anew by triggers.
# Roll-ups follow from the ledger: they are made anew.
BACKUP_WITHOUT = [
    "sessions.Session", "kit.FactsEdit", "oversight.MonthBalance", "oversight.MonthCount", "oversight.RollUp",
]  # fmt: skip
# What follows a migration: a release brings its reference data, and roll-ups begin where there were none.
UPGRADE_COMMANDS = ["load_reference", "refresh_coverage"]

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
CSRF_FAILURE_VIEW = "chaoyang_pm.kit.errors.views.csrf_failure"
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked on this machine, in front of which no TLS ends
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True

# --- logs ------------------------------------------------------------------------------------------
# Lines of JSON without personal data; readable ones while developing (kit.logs).
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "chaoyang_pm.kit.logs.formatting.JsonLine"},
        "plain": {
            "()": "chaoyang_pm.kit.logs.formatting.PlainLine",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
    },
    "filters": {"once": {"()": "chaoyang_pm.kit.logs.formatting.OncePerRequest"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain" if DEBUG else "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "chaoyang_pm": {"level": LOG_LEVEL},
        "communities.notices": {"level": LOG_LEVEL},
        "django": {"handlers": [], "level": "WARNING"},
        "django.request": {"filters": ["once"], "level": "ERROR"},
        "axes": {"level": "ERROR"},  # its own table has who failed to log in
    },
}
