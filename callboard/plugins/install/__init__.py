"""Installs plugins while the portal runs."""

from callboard.plugins.install.installer import Installer, Plan
from callboard.plugins.install.notices import Notice
from callboard.plugins.install.store import Installation

__all__ = ["Installation", "Installer", "Notice", "Plan"]
