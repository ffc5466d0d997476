"""Compiles the templates of Callboard, as `python -m compileall` compiles its modules: for installations.

usage: python -m callboard.precompile
"""

from __future__ import annotations

import sys

from callboard.plugins import Registry
from callboard.portal.plugins import PLUGINS
from callboard.web.assets import Assets
from callboard.web.contributions import Templates
from callboard.web.templating import compile_all, environment


def main() -> None:
    sys.dont_write_bytecode = False  # to write it is what this is for
    compile_all(environment(Registry(PLUGINS).of(Templates), Assets()))


if __name__ == "__main__":
    main()
