"""Capturing usage: who reads what and finds what, as far as people agreed to it."""

from callboard.pipelines.capture.capture import Capture
from callboard.pipelines.capture.event import Event

__all__ = ["Capture", "Event"]
