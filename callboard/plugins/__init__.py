"""The plugin contract. Plugins, ours and others', import from here and from the features they add to."""

from callboard.plugins.context import Offers, PluginContext
from callboard.plugins.contract import API, Contribution, Need, Plugin
from callboard.plugins.registry import Registry

__all__ = ["API", "Contribution", "Need", "Offers", "Plugin", "PluginContext", "Registry"]
