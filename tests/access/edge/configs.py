"""Configurations for the tests of the edge."""

from __future__ import annotations

from typing import Any

import orjson

from callboard.core.config import Config, load_config


def config_of(**keys: Any) -> Config:
    """The value of each key, whose dots are written as `__`: backend__trustProxy=True."""
    values = {
        f"APP_CONFIG_{key.replace('__', '_')}": orjson.dumps(value).decode() for key, value in keys.items()
    }
    return load_config([], values)
