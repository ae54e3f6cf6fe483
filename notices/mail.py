"""An e-mail that tells one or more notices: its words, and handing it to the mail server."""

from __future__ import annotations

import smtplib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MOST_LINES = 20  # of one mail; how many more there are is said
LONGEST_SUBJECT = 150
OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Transient(Exception):
    """The mail server is away or busy: try again."""


class Refused(Exception):
    """The mail server will not take this mail, now or later."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing told: a title, a sentence more, and where it leads (a whole address)."""

    title: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Mail:
    """`settings_url`: where its reader says what he wants to be mailed."""

    to: str
    workspace: str
    lines: Sequence[Line]
    settings_url: str
    message_id: str


def new_message_id() -> str:
    """An id for the Message-ID header, kept with the delivery so that each try carries the same."""
    return make_msgid(domain=urlsplit(settings.PUBLIC_URL).hostname)


def compose(mail: Mail) -> EmailMultiAlternatives:
    """Plain text and simple HTML of the same words; direction follows each line's own script."""
    context = {
        "mail": mail,
        "lines": mail.lines[:MOST_LINES],
        "more": max(0, len(mail.lines) - MOST_LINES),
        "title": title(mail.lines),
    }
    message = EmailMultiAlternatives(
        subject=one_line(f"{title(mail.lines)} · {mail.workspace}")[:LONGEST_SUBJECT],
        body=render_to_string("notices/mail.txt", context),
        to=[mail.to],
        headers={
            "Message-ID": mail.message_id,
            "Auto-Submitted": "auto-generated",  # no answers from machines
            "List-Unsubscribe": f"<{mail.settings_url}>",
        },
    )
    message.attach_alternative(render_to_string("notices/mail.html", context), "text/html")
    return message


def title(lines: Sequence[Line]) -> str:
    """What the mail is about: its one thing, or how many there are."""
    if len(lines) == 1:
        return lines[0].title
    return ngettext("%(count)d new thing for you", "%(count)d new things for you", len(lines)) % {
        "count": len(lines)
    }


def one_line(text: str) -> str:
    """Without line breaks, control characters and direction overrides, which could forge a header or turn
    what stands behind a name around."""
    plain = (" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return " ".join("".join(c for c in plain if c not in OVERRIDES).split())


def send(message: EmailMultiAlternatives) -> None:
    """Hand it to the mail server (the EMAIL_URL of the settings). Transient or Refused if it did not take
    it."""
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _words in error.recipients.values()]
        raise _trouble(codes, error) from error
    except smtplib.SMTPAuthenticationError as error:  # wrong now for every mail, until an operator mends it
        raise Transient(_said(error)) from error
    except smtplib.SMTPResponseException as error:
        raise _trouble([error.smtp_code], error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Refused(_said(error)) from error
    except OSError as error:  # no route, no answer, cut off; smtplib's other errors are OSErrors too
        raise Transient(_said(error)) from error


def _trouble(codes: Sequence[int], error: Exception) -> Transient | Refused:
    """4xx means later, 5xx never (RFC 5321, 4.2.1)."""
    return Refused(_said(error)) if any(code >= 500 for code in codes) else Transient(_said(error))


def _said(error: Exception) -> str:
    return _("The mail server: %(error)s") % {"error": f"{type(error).__name__}: {error}"[:500]}
