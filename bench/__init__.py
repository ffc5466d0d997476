"""Measurements of Callboard, and the made-up companies that they are taken on."""
