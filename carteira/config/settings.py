"""Settings: read from the environment, with defaults good for one machine. Each is told in docs/operations.md."""

import os
from pathlib import Path

from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from carteira.config import env
from carteira.core.database.home import home
from carteira.core.database.urls import django_settings, has_owner

PACKAGE = Path(__file__).resolve().parents[1]
ROOT = PACKAGE.parent
CARTEIRA_HOME = home()

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.secret_key(CARTEIRA_HOME)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.words("TRUSTED_ORIGINS", default=[])
SUPPORT_URL = env.support_url()
SIGNUP_OPEN = os.environ.get("SIGNUP", "open") == "open"
PORT = env.port()
# Who may reach it: this machine only, until an operator says otherwise.
HOST = os.environ.get("HOST", "127.0.0.1")
# Set by `carteira serve --demo`, which answers to this machine only.
DEMO = env.flag("CARTEIRA_DEMO", default=False)
WEB_PROCESSES = env.number("WEB_PROCESSES", default=1, most=64)
WEB_THREADS = env.number("WEB_THREADS", default=4, most=64)
WORKER_THREADS = env.number("WORKER_THREADS", default=2, most=64)

ROOMS = ["accounts", "customers", "groups", "tasks", "billing", "home"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "procrastinate.contrib.django",
    "carteira.core",
    *(f"carteira.{room}" for room in ROOMS if (PACKAGE / room / "apps.py").exists()),
]

MIDDLEWARE = [
    "carteira.core.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "carteira.accounts.who.WhoMiddleware",
    "carteira.accounts.language.LanguageMiddleware",
    "carteira.core.body_limit.BodyLimitMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Opens the account's scope around the view and its rendering; whatever follows stands inside.
    "carteira.accounts.middleware.AccountScopeMiddleware",
    "carteira.customers.screens.merged_address.MergedAddressMiddleware",
]

ROOT_URLCONF = "carteira.config.urls"
# What stands below /<account-slug>/; a middleware moves the slug into the script prefix.
ACCOUNT_URLCONF = "carteira.config.account_urls"
WSGI_APPLICATION = "carteira.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # A screen's template stands beside its view: "customers/screens/list.html".
        "DIRS": [PACKAGE],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "carteira.core.ui.context.layout",
            ],
            "builtins": ["django.templatetags.i18n", "carteira.core.ui.templatetags.ui"],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]
# Forms render through the kit's own field templates.
MESSAGE_STORAGE = "carteira.core.ui.toast.LatestToasts"
FORM_RENDERER = "carteira.core.ui.forms.Renderer"

# -- database: one connection, two roles (core.walls)

# None on machines that only serve: they have no business knowing the owner's password.
DATABASE_OWNER = django_settings("owner") if has_owner() else None
DATABASES = {
    "default": {
        **django_settings("app"),
        "ENGINE": "carteira.core.walls.postgresql",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "ROLE": "app",
    }
}
# The role that serves, by name: migrations grant to it (and take from it) while they run as the owner.
DATABASE_APP_ROLE = DATABASES["default"]["USER"]
ACCOUNT_MODEL = "accounts.Account"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Every room's jobs.py is loaded.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

# -- signing in

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Where mails go out, signing up answers the same for known and new addresses, because only the mail tells which;
# where none do (one machine, mails kept as files) a person must come in without one.
MAILS_GO_OUT = bool(os.environ.get("EMAIL_URL"))
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if MAILS_GO_OUT else "optional"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_RATE_LIMITS = {
    "open_account": "20/h/user",
    # Mails to addresses somebody types: enough for a whole staff, too few to annoy strangers.
    "invite": "60/h/user",
    "accept_invitation": "20/m/ip",
}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_ADAPTER = "carteira.accounts.allauth_adapter.Adapter"
ACCOUNT_FORMS = {
    "login": "carteira.accounts.forms.SignInForm",
    "signup": "carteira.accounts.forms.SignUpForm",
    "reset_password": "carteira.accounts.forms.ForgottenForm",
    "reset_password_from_key": "carteira.accounts.forms.NewPasswordForm",
    "reauthenticate": "carteira.accounts.factor_forms.AgainByPasswordForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ADAPTER = "carteira.accounts.mfa_adapter.MfaAdapter"
MFA_TOTP_TOLERANCE = 1
# Else whoever signs up with somebody else's address could lock its owner out.
MFA_ALLOW_UNVERIFIED_EMAIL = not MAILS_GO_OUT
MFA_FORMS = {
    "authenticate": "carteira.accounts.factor_forms.CodeForm",
    "reauthenticate": "carteira.accounts.factor_forms.AgainByCodeForm",
    "activate_totp": "carteira.accounts.factor_forms.TurnOnForm",
    "add_webauthn": "carteira.accounts.factor_forms.AddPasskeyForm",
    "edit_webauthn": "carteira.accounts.factor_forms.RenamePasskeyForm",
}
# Limits count per client address: behind our proxy that is the last one it reports, else the connection's own.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.flag("BEHIND_PROXY", default=False) else 0
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24 * 3
CSRF_FAILURE_VIEW = "carteira.core.ui.errors.csrf_failure"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/accounts/login/"

SESSION_ENGINE = "carteira.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
CSRF_COOKIE_HTTPONLY = False
SECURE_HTTPS = env.flag("HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE_HTTPS
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if SECURE_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY", default=False) else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}

# Links in mails and on the terminal begin with it; nothing a request says does.
PUBLIC_URL = env.public_url(https=SECURE_HTTPS, hosts=ALLOWED_HOSTS, port=PORT)

# -- cache: in the database, so that limits on attempts count over all processes and machines

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_shared_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# -- languages and time

LANGUAGE_CODE = "pt-br"
LANGUAGES = [("pt-br", _("Portuguese")), ("es", _("Spanish")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
# Moments are UTC; a date is always computed in the account's zone (core.dates), never by Django or the database.
TIME_ZONE = "UTC"

# -- static files and uploads

STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "build" / "static"
STATICFILES_DIRS = env.existing(("ui", PACKAGE / "core" / "ui" / "static" / "ui"))
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder", "carteira.core.ui.npm.NpmFinder"]
WHITENOISE_USE_FINDERS = not STATIC_ROOT.exists()
FILES_ROOT = CARTEIRA_HOME / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
# Bytes of any request of a member: more than the largest sheet that can be read, so that its screen says why not.
MAX_UPLOAD = 512 * 1024 * 1024
# What one account may keep and how often it may upload (core.files.quota).
FILES_PER_ACCOUNT = env.number("FILES_PER_ACCOUNT", default=20_000, most=1_000_000)
STORAGE_PER_ACCOUNT = env.number("STORAGE_PER_ACCOUNT_MB", default=5_000, most=10_000_000) * 1_000_000
UPLOADS_PER_HOUR = env.number("UPLOADS_PER_HOUR", default=300, most=100_000)
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

# -- mail

MAILERS = env.mailers(CARTEIRA_HOME)
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM", "Carteira <carteira@localhost>")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "carteira.core.logs.Formatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
}
