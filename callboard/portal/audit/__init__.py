"""The page of the audit log, for who may read it."""
