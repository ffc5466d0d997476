"""Sends mail where the configuration says: into the log, into a folder of `.eml` files, or to an SMTP server.

Not a queue: who calls `send` keeps what could not be sent, and tries again.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Literal

import structlog

from callboard.core.config import Config
from callboard.core.errors import ConfigError, InputError, ServiceUnavailableError

log = structlog.get_logger("callboard.mail")
SINKS = ("log", "file", "smtp")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*")


@dataclass(frozen=True, slots=True)
class MailSettings:
    """`secure` is `starttls` (if the server can), `tls` from the first byte, or `none`; `timeout` in seconds.

    `operators` get what has no better recipient.
    """

    sink: Literal["log", "file", "smtp"] = "log"
    sender: str = "callboard@localhost"
    operators: tuple[str, ...] = ()
    folder: Path | None = None
    host: str = ""
    port: int = 587
    username: str | None = None
    password: str | None = None
    secure: Literal["starttls", "tls", "none"] = "starttls"
    timeout: float = 20.0


@dataclass(frozen=True, slots=True)
class Mail:
    """A message of plain text to one address."""

    to: str
    subject: str
    text: str


def is_address(text: str) -> bool:
    """Whether a text is one plain mail address, which can therefore stand in a header."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def read_mail(config: Config, key: str) -> MailSettings:
    """The settings below a key. Raises ConfigError with every mistake."""
    if config.get(key) is None:
        return MailSettings()
    problems = []
    sink = config.string(f"{key}.sink", "log")
    if sink not in SINKS:
        problems.append(config.problem(f"{key}.sink", f"must be one of {', '.join(SINKS)}"))
    sender = config.string(f"{key}.from", MailSettings().sender)
    operators = tuple(str(one) for one in config.sequence(f"{key}.operators", []))
    for at, address in [(f"{key}.from", sender), *((f"{key}.operators", one) for one in operators)]:
        if not is_address(address):
            problems.append(config.problem(at, f"{address!r} is no mail address"))
    folder = config.string(f"{key}.folder", None)
    if sink == "file" and folder is None:
        problems.append(config.problem(f"{key}.folder", "is needed for the sink file"))
    host = config.string(f"{key}.host", "")
    if sink == "smtp" and not host:
        problems.append(config.problem(f"{key}.host", "is needed for the sink smtp"))
    secure = config.string(f"{key}.secure", "starttls")
    if secure not in ("starttls", "tls", "none"):
        problems.append(config.problem(f"{key}.secure", "must be one of starttls, tls, none"))
    if problems:
        raise ConfigError(problems)
    return MailSettings(
        sink=sink,  # type: ignore[arg-type]  # checked above
        sender=sender,
        operators=operators,
        folder=None if folder is None else Path(config.folder_of(f"{key}.folder")) / folder,
        host=host,
        port=config.integer(f"{key}.port", 465 if secure == "tls" else 587),
        username=config.string(f"{key}.username", None),
        password=config.string(f"{key}.password", None),
        secure=secure,  # type: ignore[arg-type]  # checked above
    )


def message_of(settings: MailSettings, mail: Mail) -> EmailMessage:
    """The message as it goes out. Raises InputError for what would be more than one header."""
    if not is_address(mail.to):
        raise InputError("that is no mail address")
    made = EmailMessage(policy=SMTP)
    made["From"] = settings.sender
    made["To"] = mail.to
    # A line break in a title would begin a header of its own.
    made["Subject"] = " ".join(mail.subject.split())[:200]
    made["Date"] = formatdate()
    made["Message-ID"] = make_msgid(domain=settings.sender.rpartition("@")[2])
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(mail.text)
    return made


async def send(settings: MailSettings, mail: Mail) -> None:
    """Send one message. Raises ServiceUnavailableError where that can be tried again."""
    made = message_of(settings, mail)
    if settings.sink == "log":
        log.info("mail", to=mail.to, subject=str(made["Subject"]), text=mail.text)
    elif settings.sink == "file":
        assert settings.folder is not None
        await asyncio.to_thread(_write, settings.folder, bytes(made))
    else:
        await _smtp(settings, made)


def _write(folder: Path, content: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{time.time_ns()}-{secrets.token_hex(4)}.eml"
    waiting = folder / f".{name}"
    waiting.write_bytes(content)
    waiting.rename(folder / name)  # who watches the folder never sees half a message


async def _smtp(settings: MailSettings, message: EmailMessage) -> None:
    import aiosmtplib  # where nothing is sent by SMTP, it is not loaded

    try:
        await aiosmtplib.send(
            message,
            hostname=settings.host,
            port=settings.port,
            username=settings.username,
            password=settings.password,
            use_tls=settings.secure == "tls",
            # None: when the server offers it. A password is never sent without.
            start_tls={"starttls": True if settings.password else None, "tls": False, "none": False}[
                settings.secure
            ],
            timeout=settings.timeout,
        )
    except (aiosmtplib.SMTPException, OSError) as error:
        raise ServiceUnavailableError(f"the mail server did not take it: {type(error).__name__}") from None
