"""Types a net into the server, some characters at a time, with slips, and asks for everything after each.

usage: typing.py FILE.net | gradmill-lsp-server --lit-test
"""
import json
import random
import sys


def send(method, params, number=None):
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    if number is not None:
        message["id"] = number
    print(json.dumps(message))
    print("// -----")


def main(path):
    text = open(path).read()
    uri = "test:///typed.net"
    rng = random.Random(1)
    send("initialize", {"capabilities": {}, "processId": 1}, 0)
    send("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "net", "version": 0, "text": ""}})
    for number, end in enumerate(range(0, len(text) + 1, 4), 1):
        now = text[:end]
        if number % 3 == 0 and now:  # a slip
            at = rng.randrange(len(now))
            now = now[:at] + rng.choice("(){}|:,=\"0x\n\0\u00e9") + now[at + rng.randrange(2):]
        send("textDocument/didChange", {"textDocument": {"uri": uri, "version": number}, "contentChanges": [{"text": now}]})
        lines = now.split("\n")
        row = rng.randrange(len(lines) + 1)
        at = {"line": row, "character": rng.randrange(len(lines[row]) + 2) if row < len(lines) else 3}
        where = {"textDocument": {"uri": uri}, "position": at}
        send("textDocument/hover", where, 3 * number)
        send("textDocument/completion", {**where, "context": {"triggerKind": 1}}, 3 * number + 1)
        send("textDocument/inlayHint", {"textDocument": {"uri": uri}, "range": {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}}, 3 * number + 2)
    send("shutdown", None, 1)
    send("exit", None)


main(sys.argv[1])
