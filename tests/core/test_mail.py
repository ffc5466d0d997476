"""Mail goes where it is configured to: log, folder, or a real SMTP server; and never becomes two."""

from __future__ import annotations

import email
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from callboard.core.config import load_config
from callboard.core.errors import ConfigError, InputError, ServiceUnavailableError
from callboard.core.mail import Mail, MailSettings, is_address, message_of, read_mail, send
from tests.databases import free_port

MAIL = Mail("jane@example.org", "Tides: approved", "Grüße.\n")


class Inbox:
    """Keeps what an SMTP server was given; `refuses` answers as a full one does."""

    def __init__(self) -> None:
        self.content: list[tuple[list[str], bytes]] = []
        self.refuses = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.refuses:
            return "452 the disk is full"
        self.content.append((envelope.rcpt_tos, envelope.content))
        return "250 kept"


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, MailSettings]]:
    handler = Inbox()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield (
        handler,
        MailSettings("smtp", "desk@example.org", host="127.0.0.1", port=port, secure="none", timeout=5),
    )
    controller.stop()


async def test_a_message_reaches_an_smtp_server(inbox: tuple[Inbox, MailSettings]) -> None:
    handler, settings = inbox
    await send(settings, MAIL)
    [(recipients, content)] = handler.content
    message: EmailMessage = email.message_from_bytes(content, _class=EmailMessage)
    assert recipients == ["jane@example.org"]
    assert (message["From"], message["Subject"]) == ("desk@example.org", "Tides: approved")
    assert message.get_payload(decode=True) == "Grüße.\r\n".encode()


async def test_a_server_that_refuses_or_is_away_is_tried_again_later(
    inbox: tuple[Inbox, MailSettings],
) -> None:
    handler, settings = inbox
    handler.refuses = True
    with pytest.raises(ServiceUnavailableError):
        await send(settings, MAIL)
    with pytest.raises(ServiceUnavailableError):
        await send(MailSettings("smtp", host="127.0.0.1", port=1, secure="none", timeout=2), MAIL)


async def test_a_message_becomes_a_file(tmp_path: Path) -> None:
    await send(MailSettings("file", folder=tmp_path / "mail"), MAIL)
    [file] = (tmp_path / "mail").iterdir()
    assert b"To: jane@example.org\r\n" in file.read_bytes()


def test_a_line_break_begins_no_header() -> None:
    made = message_of(MailSettings(), Mail("jane@example.org", "Hello\r\nBcc: all@example.org", "x"))
    assert made["Bcc"] is None
    assert made["Subject"] == "Hello Bcc: all@example.org"
    with pytest.raises(InputError):
        message_of(MailSettings(), Mail("jane@example.org\nBcc: all@example.org", "x", "x"))


@pytest.mark.parametrize(
    "text", ["", "jane", "jane@", "Jane <jane@example.org>", "a@b\n", "a@b,c@d", "a b@c"]
)
def test_what_is_no_single_address_is_refused(text: str) -> None:
    assert not is_address(text)


def test_the_configuration_names_every_mistake() -> None:
    given = '{"sink": "smtp", "from": "nobody", "operators": ["x"], "secure": "maybe"}'
    with pytest.raises(ConfigError) as caught:
        read_mail(load_config([], {"APP_CONFIG_marketplace_mail": given}), "marketplace.mail")
    assert len(caught.value.problems) == 4
