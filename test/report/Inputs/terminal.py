"""terminal.py COLUMNS [NAME=VALUE ...] COMMAND ...: runs a command in a terminal of that width.

Prints what the screen would show: each line that was drawn, also those that another one took the place of ("~" in
front). Fails if a line is wider than the terminal; messages, names of files and commands aside. Colours are shown as <N>.
"""
import fcntl
import os
import pty
import re
import struct
import sys
import termios
import unicodedata

columns, command = int(sys.argv[1]), sys.argv[2:]
child, screen = pty.fork()
if child == 0:
    os.environ["TERM"] = "xterm-256color"  # whatever runs the test, and "dumb" has no bar
    while "=" in command[0]:
        name, value = command.pop(0).split("=", 1)
        os.environ[name] = value
        if not value:
            del os.environ[name]
    os.read(0, 1)  # until the width is set
    os.execvp(command[0], command)
fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
mode = termios.tcgetattr(screen)
mode[3] &= ~termios.ECHO
termios.tcsetattr(screen, termios.TCSANOW, mode)
os.write(screen, b"\n")
data = b""
while True:
    try:
        part = os.read(screen, 65536)
    except OSError:  # the child has closed it
        break
    if not part:
        break
    data += part
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
text = data.decode("utf-8").replace("\r\n", "\n")
assert not re.search("\x1b(?!\\[[0-9;]*[mK])", text), "another control sequence"
wide, following = [], False
for line in text.split("\n"):
    parts = line.replace("\x1b[K", "").split("\r")
    for i, part in enumerate(parts):
        plain = re.sub("\x1b\\[[0-9;]*m", "", part)
        following |= plain == "next"
        assert not any(unicodedata.category(c) == "Cc" and c != "\t" for c in plain), plain
        # Messages and names of files are not broken; the terminal does that.
        whole = re.match("compiling |[^ ]*: |weights |log |report ", plain)
        if len(plain) >= columns and not following and not whole:
            wide.append(plain)
        if plain:
            print(("~" if i < len(parts) - 1 else "") + re.sub("\x1b\\[([0-9;]*)m", r"<\1>", part))
if wide:
    sys.exit("wider than %d columns:\n%s" % (columns, "\n".join(wide)))
sys.exit(status)
