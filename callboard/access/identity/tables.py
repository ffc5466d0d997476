"""The tables of identity. The migrations beside this file create the same. Times are seconds since 1970."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, MetaData, String, Table, Text

# Not `core.database.metadata`: each feature migrates its own tables.
metadata = MetaData()

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", String(100), primary_key=True),
    Column("algorithm", String(20), nullable=False),
    Column("private_key", Text, nullable=False),  # a JWK; encrypted when `auth.keyStore.secret` is set
    Column("signs_from", Float, nullable=False),
    Column("signs_until", Float, nullable=False),
    Column("published_until", Float, nullable=False),
)

user_info = Table(
    "user_info",
    metadata,
    Column("sub", String(300), primary_key=True),
    Column("owns", Text, nullable=False),  # JSON list of refs
    Column("live", Boolean, nullable=False),  # whether the directory, when it knows the user, replaces `owns`
    Column("valid_from", Float, nullable=False),  # tokens issued before are refused
    Column("updated", Float, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(30), primary_key=True),
    Column("user_ref", String(300), nullable=False),
    Column("provider", String(100), nullable=False),
    Column("profile", Text, nullable=False),  # JSON
    Column("secret", String(64), nullable=False),  # SHA-256 in hex, as are the two below
    Column("before", String(64)),  # the secret that `secret` replaced
    Column("before_until", Float),  # set once the new secret was used; NULL: the browser may not have it yet
    Column("rotated", Float, nullable=False),
    Column("created", Float, nullable=False),
    Column("last_seen", Float, nullable=False),
    Column("expires", Float, nullable=False),  # the absolute end
    Column("user_agent", String(300), nullable=False),
    Column("ip", String(64), nullable=False),
    Index("sessions_by_user", "user_ref"),
    Index("sessions_by_end", "expires"),
)

personal_tokens = Table(
    "personal_tokens",
    metadata,
    Column("id", String(30), primary_key=True),
    Column("user_ref", String(300), nullable=False),
    Column("name", String(100), nullable=False),
    Column("scopes", Text, nullable=False),  # JSON list
    Column("secret", String(64), nullable=False),  # SHA-256 in hex
    Column("created", Float, nullable=False),
    Column("expires", Float, nullable=False),
    Column("last_used", Float),
    Index("personal_tokens_by_user", "user_ref"),
)
