"""The pages of the portal: a folder a feature, each with a `plugin.py` that lists what it contributes."""
