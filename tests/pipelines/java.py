"""The Java that Spark needs: found on the machine, installed where there is none.

usage: python -m tests.pipelines.java

`JAVA_HOME` names one; else the first `java` on PATH is taken.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

LEAST = 17
PACKAGES = ("openjdk-17-jre-headless", "openjdk-21-jre-headless", "default-jre-headless")
_APT = ("apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=120")


def find() -> str | None:
    """The program of a Java that is new enough."""
    home = os.environ.get("JAVA_HOME")
    program = shutil.which(os.path.join(home, "bin", "java")) if home else shutil.which("java")
    return program if program and version(program) >= LEAST else None


def version(program: str) -> int:
    """The feature release, such as 17; 0 when the program does not say."""
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    return parsed(said.stderr + said.stdout)


def parsed(said: str) -> int:
    """The feature release in what `java -version` says."""
    match = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(match[1]) if match else 0


def obtain() -> str:
    """Finds a Java or installs one; raises RuntimeError with what to do when neither works."""
    if found := find():
        return found
    _install()
    if found := find():
        return found
    raise RuntimeError(
        f"The tests of the pipelines on Spark need Java {LEAST} or newer: neither JAVA_HOME nor PATH names "
        "one, and apt-get could not install one (its output is above). Install it, or name one: "
        "JAVA_HOME=/path/to/java make test"
    )


def _install() -> None:
    """The distribution's package, when we may; the lists are fetched only when they do not suffice."""
    if not shutil.which("apt-get"):
        return
    allowed: list[str] = []
    if os.geteuid() != 0:
        allowed = ["sudo", "-n"]
        if not shutil.which("sudo") or subprocess.run([*allowed, "true"], check=False).returncode:
            return
    print("installing Java with apt-get", flush=True)
    apt = [*allowed, "env", "DEBIAN_FRONTEND=noninteractive", *_APT]  # sudo passes no variables on
    for fetch in (False, True):
        if fetch:
            subprocess.run([*apt, "update"], stdout=subprocess.DEVNULL, check=False)
        for package in PACKAGES:
            install = [*apt, "install", "--no-install-recommends", package]
            if not subprocess.run(install, stdout=subprocess.DEVNULL, check=False).returncode:
                return


if __name__ == "__main__":
    try:
        obtain()
    except RuntimeError as error:
        sys.exit(str(error))
