"""reloads.py COMMAND ... --report PAGE: a browser shows a page while its run goes on, and sees later versions of it.

The browser asks a server here, which counts how often the page is fetched: while the run is going again and again, after
it was interrupted once.
"""
import http.server
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

command, page = sys.argv[1:], sys.argv[-1]
fetched = []


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if not self.path.endswith(".html"):
            return self.send_error(404)
        with open(page, "rb") as file:
            text = file.read()
        fetched.append(text)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()


def show(seconds, enough):
    del fetched[:]
    with tempfile.TemporaryDirectory() as profile:
        browser = subprocess.Popen(
            [os.environ["GRADMILL_BROWSER"], "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--remote-debugging-port=0", "--user-data-dir=" + profile, f"http://127.0.0.1:{server.server_port}/{page}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        end = time.time() + seconds
        while time.time() < end and len(fetched) < enough:
            time.sleep(0.2)
        os.killpg(browser.pid, signal.SIGTERM)  # what is started may be a script around the browser
        browser.wait()
        time.sleep(0.5)
    return list(fetched)


run = subprocess.Popen(command, stderr=subprocess.DEVNULL)
while not os.path.exists(page) or b"epoch 0" in open(page, "rb").read():
    assert run.poll() is None
    time.sleep(0.1)
versions = show(100, 3)
assert len(versions) >= 3 and len(set(versions)) >= 2, [len(v) for v in versions]
run.send_signal(signal.SIGINT)
assert run.wait() == 130
versions = show(14, 2)
assert len(versions) == 1, len(versions)
print("ok")
