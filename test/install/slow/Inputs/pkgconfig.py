"""What `pkg-config --cflags --libs gradmill` says for a prefix, by pkg-config where it is installed, else by reading the file."""
import os
import re
import shutil
import subprocess
import sys

prefix = os.path.abspath(sys.argv[1])
[folder] = [d for d, _, files in os.walk(prefix) if "gradmill.pc" in files]
if shutil.which("pkg-config"):
    print(subprocess.check_output(["pkg-config", "--cflags", "--libs", "gradmill"], text=True,
                                  env={**os.environ, "PKG_CONFIG_PATH": folder}).strip())
else:
    variables, fields = {"pcfiledir": folder}, {}
    expand = lambda text: re.sub(r"\$\{(\w+)\}", lambda m: variables[m[1]], text)
    for line in open(os.path.join(folder, "gradmill.pc")):
        if match := re.match(r"(\w+)=(.*)", line):
            variables[match[1]] = expand(match[2])
        elif match := re.match(r"(\w+): (.*)", line):
            fields[match[1]] = expand(match[2])
    print(fields["Cflags"], fields["Libs"])
