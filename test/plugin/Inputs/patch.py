"""Changes a plugin's version, and neither its size nor its date.

usage: patch.py PLUGIN.so"""
import os
import sys

path = sys.argv[1]
stat = os.stat(path)
content = open(path, "rb").read()
assert b"\0000.1.0\0" in content, "the version is not there"
with open(path, "wb") as file:
    file.write(content.replace(b"\0000.1.0\0", b"\0000.1.1\0"))
os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
