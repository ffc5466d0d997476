"""The tables of the desk, the only ones of the Marketplace. The migrations beside this file create the same.

Columns that hold JSON are `Text`; moments are seconds since 1970; users are refs in lower case.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from callboard.core.migrations import Migrations

# Not `core.database.metadata`: each feature migrates its own tables.
metadata = MetaData()
MIGRATIONS = Migrations(Path(__file__).parent / "migrations", "alembic_version_marketplace")
_SERIAL = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts only INTEGER up by itself

publishers = Table(
    "market_publishers",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("type", String(20), nullable=False),  # first-party, verified-partner, community
    Column("url", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("about", Text, nullable=False),  # Markdown
    Column("state", String(20), nullable=False),  # applied, approved, rejected, suspended
    Column("reason", Text, nullable=False),  # why it was rejected or suspended
    Column("applied_by", String(300), nullable=False),
    Column("applied_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
)

domains = Table(
    "market_domains",
    metadata,
    Column("publisher", String(63), primary_key=True),
    Column("name", String(253), primary_key=True),
    Column("token", String(64), nullable=False),  # what the domain has to show; no secret
    Column("verified_at", Float),
    Column("method", String(10), nullable=False),  # dns or https, empty before it was verified
)

members = Table(
    "market_members",
    metadata,
    Column("publisher", String(63), primary_key=True),
    Column("member", String(300), primary_key=True),  # a user or a group
    Column("role", String(20), nullable=False),
    Column("added_by", String(300), nullable=False),
    Column("added_at", Float, nullable=False),
)

listings = Table(
    "market_listings",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("publisher", String(63), nullable=False, index=True),
    Column("distribution", String(200), nullable=False, unique=True),
    Column("fields", Text, nullable=False),  # JSON, as it was approved
    Column("pictures", Text, nullable=False),  # JSON: icon and screenshots by their sha256
    Column("needs", Text, nullable=False),  # JSON: names that reviewers have seen
    Column("lifecycle", String(20), nullable=False),  # active or deprecated
    Column("replaced_by", String(300), nullable=False),
    Column("deprecated_reason", Text, nullable=False),  # empty while it is active, or nothing was said
    Column("taken_down", Text, nullable=False),  # the reason; empty while it is shown
    Column("transfer_to", String(63), nullable=False),  # the publisher that may accept it
    Column("added_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
)

submissions = Table(
    "market_submissions",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("publisher", String(63), nullable=False, index=True),
    Column("listing", String(63), nullable=False, index=True),
    Column("state", String(20), nullable=False, index=True),
    Column("revision", Integer, nullable=False),  # grows with each change, so that none is lost
    Column("fields", Text, nullable=False),  # JSON
    Column("pictures", Text, nullable=False),  # JSON
    Column("filename", String(300), nullable=False),  # of the wheel; empty before it was sent
    Column("sha256", String(64), nullable=False),
    Column("changelog", Text, nullable=False),
    Column("findings", Text, nullable=False),  # JSON, of the newest checks
    Column("reason", Text, nullable=False),  # of the newest decision
    Column("created_by", String(300), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
)

releases = Table(
    "market_releases",
    metadata,
    Column("listing", String(63), primary_key=True),
    Column("version", String(100), primary_key=True),
    Column("distribution", String(200), nullable=False),
    Column("filename", String(300), nullable=False),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("manifest", Text, nullable=False),  # JSON
    Column("requires_python", String(200), nullable=False),
    Column("supports", Text, nullable=False),  # JSON: of Callboard and of Backstage
    Column("changelog", Text, nullable=False),
    Column("released_by", String(300), nullable=False),
    Column("released_at", Float, nullable=False),
    Column("yanked_at", Float),
    Column("yanked_reason", Text, nullable=False),
    Column("attested", Text, nullable=False),  # JSON: who built it, as is stated or verified; else empty
    UniqueConstraint("distribution", "version", name="market_releases_once"),
)

artefacts = Table(
    "market_artefacts",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("filename", String(300), nullable=False),
    Column("media", String(100), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("added_at", Float, nullable=False),
    Column("content", LargeBinary),  # null: in the folder `marketplace.artefacts`
)

tokens = Table(
    "market_tokens",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("publisher", String(63), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("listing", String(63), nullable=False),  # empty: every listing of the publisher
    Column("scopes", Text, nullable=False),  # JSON list
    Column("secret", String(64), nullable=False),  # sha256
    Column("created_by", String(300), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("used_at", Float),
)

reports = Table(
    "market_reports",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("listing", String(300), nullable=False, index=True),  # a ref: not only our own are reported
    Column("kind", String(30), nullable=False),
    Column("text", Text, nullable=False),
    Column("reporter", String(300), nullable=False),
    Column("reported_at", Float, nullable=False),
    Column("state", String(20), nullable=False),  # open, dismissed, acted-on
    Column("decision", Text, nullable=False),
    Column("decided_by", String(300), nullable=False),
    Column("decided_at", Float),
)

takedowns = Table(
    "market_takedowns",
    metadata,
    # Of listings that the desk does not publish; for its own there is `market_listings.taken_down`.
    Column("ref", String(400), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("taken_by", String(300), nullable=False),
    Column("taken_at", Float, nullable=False),
)

events = Table(
    "market_events",
    metadata,
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    Column(
        "subject", String(400), nullable=False
    ),  # publisher:<name>, submission:<id>, listing:<name or ref>
    Column("at", Float, nullable=False),
    Column("actor", String(300), nullable=False),
    Column("action", String(40), nullable=False),
    Column("text", Text, nullable=False),  # a comment or a reason
    Index("market_events_of", "subject", "id"),
)

outbox = Table(
    "market_outbox",
    metadata,
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    Column("address", String(320), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Float, nullable=False, index=True),
)
