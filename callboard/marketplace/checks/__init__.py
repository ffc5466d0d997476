"""What is wrong with a submitted plugin: pure, and nothing of the plugin runs.

`checks.run` holds the checks themselves; it is not named here, so that nobody loads them who checks nothing.
"""

from callboard.marketplace.checks.declared import Declared, read_declared
from callboard.marketplace.checks.findings import Finding
from callboard.marketplace.checks.given import Checked, Known, Submitted, Taken

__all__ = ["Checked", "Declared", "Finding", "Known", "Submitted", "Taken", "read_declared"]
