"""The table of entities: filters, columns, pinned views, and its export."""
