"""Who asks, and what they may do: sign-in, tokens, permissions, roles and the audit log."""
