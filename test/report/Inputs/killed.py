"""killed.py [--interrupt] FILE PATTERN COMMAND ...: runs a command until the file holds the pattern, then kills it."""
import os
import re
import signal
import subprocess
import sys
import time

arguments = sys.argv[1:]
end = signal.SIGINT if arguments[0] == "--interrupt" else signal.SIGKILL
if arguments[0] == "--interrupt":
    arguments.pop(0)
path, pattern, *command = arguments
process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
for _ in range(1000):
    assert process.poll() is None, "it has ended by itself"
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        assert text.endswith("</html>\n"), "half a page"
        if re.search(pattern, text):
            break
    time.sleep(0.05)
else:
    process.kill()
    sys.exit("the file does not say " + pattern)
process.send_signal(end)
status = process.wait()
assert status == (130 if end == signal.SIGINT else -signal.SIGKILL), status
