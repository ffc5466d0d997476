"""What is wrong with a submitted plugin: pure, and nothing of the plugin runs."""

from callboard.marketplace.checks.declared import Declared, read_declared
from callboard.marketplace.checks.findings import Finding
from callboard.marketplace.checks.run import Checked, Known, Submitted, check

__all__ = ["Checked", "Declared", "Finding", "Known", "Submitted", "check", "read_declared"]
