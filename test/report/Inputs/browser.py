"""browser.py PAGE.html ...: looks at pages in a real browser (GRADMILL_BROWSER, Chromium's options).

Each page is shown light and dark, in the width of a desk and of a phone. Wanted: nothing is loaded from elsewhere, no
error on the console, the page does not scroll sideways, all pictures are drawn, texts are large enough to read and
differ from what is behind them, the dark page is dark. Pictures of it are left beside the page.
"""
import html
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib

# Measures, for FRAME.
MEASURE = """<script>
addEventListener('load', function () {
  var root = document.documentElement, seen = {};
  var say = {wide: root.scrollWidth - root.clientWidth, width: innerWidth, requests: [], broken: [], small: [], hidden: []};
  performance.getEntriesByType('resource').forEach(function (e) { if (!e.name.startsWith('data:')) say.requests.push(e.name); });
  document.querySelectorAll('img').forEach(function (i) { i.loading = 'eager'; if (i.complete && !i.naturalWidth) say.broken.push(i.alt); });
  document.querySelectorAll('svg.chart text').forEach(function (t) {
    var height = t.getBoundingClientRect().height;
    if (height < 9) say.small.push(t.textContent + ' ' + height); });
  document.querySelectorAll('section').forEach(function (s) { if (s.getBoundingClientRect().height < 30) say.hidden.push(s.id); });
  say.curves = document.querySelectorAll('svg.chart .line').length;
  say.paper = getComputedStyle(document.body).backgroundColor;
  say.ink = getComputedStyle(document.body).color;
  parent.postMessage(JSON.stringify(say), '*');
});
</script></body>"""
# A browser's window has a least width, above that of a phone. A frame has none.
FRAME = """<!DOCTYPE html><meta charset="utf-8"><style>* {{ margin: 0; border: 0; background: #888 }}</style><pre id="say"></pre>
<script>addEventListener('message', function (m) {{ document.getElementById('say').textContent = 'RESULT' + m.data + 'END'; }});</script>
<iframe width="{width}" height="{height}" src="{page}"></iframe>"""


def run(*options):
    with tempfile.TemporaryDirectory() as profile:
        return subprocess.run(
            [os.environ["GRADMILL_BROWSER"], "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--disable-dev-shm-usage", "--no-first-run", "--user-data-dir=" + profile, *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)


def mean_light(path):
    """Of the first pixels of a PNG file, 8 bits a colour: how light they are, 0 to 255."""
    data = open(path, "rb").read()
    at, pixels = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", data[at + 8:at + 18])
        pixels += data[at + 8:at + 8 + size] if kind == b"IDAT" else b""
        at += 12 + size
    assert depth == 8 and colour in (2, 6)
    bytes_each = 3 if colour == 2 else 4
    # The first row alone has no row above that its filter would look at.
    row = zlib.decompress(pixels)[:1 + width * bytes_each]
    values, kind = bytearray(row[1:]), row[0]
    if kind in (1, 4):
        for i in range(bytes_each, len(values)):
            values[i] = (values[i] + values[i - bytes_each]) & 255
    elif kind == 3:
        for i in range(bytes_each, len(values)):
            values[i] = (values[i] + values[i - bytes_each] // 2) & 255
    return sum(values[0:300 * bytes_each:bytes_each]) / 300


def framed(page, width, height):
    """The path of a page that shows another one in that width."""
    path = os.path.splitext(page)[0] + f"-frame-{width}.html"
    with open(path, "w", encoding="utf-8") as file:
        file.write(FRAME.format(page=html.escape(os.path.basename(page)), width=width, height=height))
    return "file://" + os.path.abspath(path)


def colour(text):
    return [int(v) for v in re.findall(r"\d+", text)[:3]]


for page in sys.argv[1:]:
    stem = os.path.splitext(page)[0]
    text = open(page, encoding="utf-8").read()
    measured = stem + "-measured.html"
    # Our own script needs what the page's policy forbids.
    with open(measured, "w", encoding="utf-8") as file:
        file.write(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text).replace("</body>", MEASURE))
    for theme in ("light", "dark"):
        dark = ["--blink-settings=preferredColorScheme=0"] if theme == "dark" else []
        for width in (1200, 360):
            done = run(*dark, "--window-size=1300,900", "--virtual-time-budget=10000", "--dump-dom", framed(measured, width, 900))
            found = re.search(r"RESULT(.*?)END", done.stdout, re.S)
            assert found, (page, done.stderr[-1000:])
            say = json.loads(html.unescape(found.group(1)))
            where = f"{page} {theme} {width}: "
            assert say["width"] == width, where + str(say["width"])
            assert say["wide"] <= 0, where + f"scrolls sideways by {say['wide']} pixels"
            for wrong in ("requests", "broken", "small", "hidden"):
                assert not say[wrong], where + wrong + " " + str(say[wrong][:5])
            assert say["curves"] >= 2, where + "no curves"
            paper, ink = sum(colour(say["paper"])), sum(colour(say["ink"]))
            assert (paper > 600 and ink < 200) if theme == "light" else (paper < 150 and ink > 600), where + str(say)
            picture = f"{stem}-{theme}-{width}.png"
            done = run(*dark, f"--window-size={max(width, 500)},2400", "--screenshot=" + os.path.abspath(picture), "--enable-logging=stderr",
                       framed(page, width, 2400))
            assert "CONSOLE" not in done.stderr, where + done.stderr[-1000:]
            light = mean_light(picture)
            assert light > 200 if theme == "light" else light < 60, where + f"light {light}"
    print("ok:", page)
