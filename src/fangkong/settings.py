"""Django's settings. Everything an installation chooses comes from the environment; nothing secret is here.

FANGKONG_HOME           everything the installation writes (default ./var)
FANGKONG_DATABASE_URL   postgresql://user:password@host/name instead of the SQLite file in FANGKONG_HOME
FANGKONG_KEYFILE        the key file, when it shall not lie in FANGKONG_HOME/keys
FANGKONG_HOSTS          comma-separated host names the console answers to (default: this machine only)
FANGKONG_DEBUG          1 shows Django's error pages; never in production
FANGKONG_ADDRESS        the address under which people open the console, for links in notices
FANGKONG_SMTP_URL       smtp://user:password@host:587/?from=office@example.org&tls=starttls|ssl|none; unset: no mail
FANGKONG_WEBHOOK_URL    where notices are posted as JSON; unset: nowhere
FANGKONG_WEBHOOK_SECRET the key that signs them (HMAC-SHA-256)
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlparse

HOME = Path(os.environ.get("FANGKONG_HOME", "var")).resolve()
KEYFILE = Path(os.environ.get("FANGKONG_KEYFILE") or HOME / "keys" / "keyring.json").resolve()
DEBUG = os.environ.get("FANGKONG_DEBUG") == "1"
SOURCE = Path(__file__).resolve().parent


def _session_secret() -> str:
    """The secret of the key file; a throw-away one before ``fangkong init`` has made it."""
    try:
        return str(json.loads(KEYFILE.read_text())["session"])
    except (OSError, KeyError, ValueError):
        return secrets.token_urlsafe(48)


def _database() -> dict[str, object]:
    url = os.environ.get("FANGKONG_DATABASE_URL")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / "fangkong.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                # secure_delete: what a purge removes is overwritten, not only unlinked.
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
                "PRAGMA secure_delete=ON;PRAGMA cache_size=-65536;PRAGMA temp_store=MEMORY;",
            },
            "TEST": {"NAME": os.environ.get("FANGKONG_TEST_SQLITE") or None},
        }
    parts = urlparse(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise RuntimeError("FANGKONG_DATABASE_URL must begin with postgresql://; leave it unset for SQLite")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": dict(parse_qsl(parts.query)).get("host") or parts.hostname or "",
        "PORT": str(parts.port or ""),
        # Identities have a schema of their own (record/migrations); both are on the path, names stay plain.
        "OPTIONS": {
            "pool": {"min_size": 1, "max_size": 8, "timeout": 20},
            "options": "-c search_path=public,identity",
        },
    }


def _mail(url: str) -> dict[str, Any]:
    """Django's mail settings; without ``url`` there is no host, and nothing is sent."""
    parts = urlparse(url)
    if url and (parts.scheme != "smtp" or not parts.hostname):
        raise RuntimeError("FANGKONG_SMTP_URL must read smtp://user:password@host:port/?from=ADDRESS")
    asked = dict(parse_qsl(parts.query))
    tls = asked.get("tls", "starttls")
    if tls not in ("starttls", "ssl", "none"):
        raise RuntimeError("tls in FANGKONG_SMTP_URL must be starttls, ssl or none")
    return {
        "EMAIL_HOST": parts.hostname or "",
        "EMAIL_PORT": parts.port or (465 if tls == "ssl" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": tls == "starttls",
        "EMAIL_USE_SSL": tls == "ssl",
        "DEFAULT_FROM_EMAIL": asked.get("from", f"fangkong@{parts.hostname or 'localhost'}"),
    }


globals().update(_mail(os.environ.get("FANGKONG_SMTP_URL", "")))
ADDRESS = os.environ.get("FANGKONG_ADDRESS", "http://127.0.0.1:8000").rstrip("/")
WEBHOOK_URL = os.environ.get("FANGKONG_WEBHOOK_URL", "")
WEBHOOK_SECRET = os.environ.get("FANGKONG_WEBHOOK_SECRET", "")
if WEBHOOK_URL and urlparse(WEBHOOK_URL).scheme not in ("http", "https"):
    raise RuntimeError("FANGKONG_WEBHOOK_URL must begin with https:// or http://")

SECRET_KEY = _session_secret()
ALLOWED_HOSTS = [h for h in os.environ.get("FANGKONG_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if h]
ROOT_URLCONF = "fangkong.faces.web.urls"
WSGI_APPLICATION = "fangkong.faces.web.wsgi.application"
AUTH_USER_MODEL = "record.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": _database()}

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "fangkong.record",
    "fangkong.command",
    "fangkong.faces.web",
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
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "fangkong.faces.web.viewing.ViewingMiddleware",
    "fangkong.faces.web.middleware.Errors",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csrf",
                "fangkong.faces.web.frame.frame",
            ],
        },
    }
]

PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
LOGIN_URL = "sign_in"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("FANGKONG_HTTPS") == "1"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "object-src": ["'none'"],
    }
}

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_HTTPONLY = True

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

# Uploaded tables are read from disk, never from memory, and the temporary file goes when the request ends.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
