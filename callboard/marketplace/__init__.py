"""The Marketplace: a directory of plugins on the catalog (see docs/design/0007-marketplace.md)."""
