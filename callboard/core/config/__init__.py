"""Reads Backstage's app-config as it is: files, local file, environment, includes, all merged in order."""

from .load import load_config
from .unclaimed import ignored_keys
from .values import Config

__all__ = ["Config", "ignored_keys", "load_config"]
