"""Checks a report without a browser.

page.py FILE [SECTION ...]: the page is well-formed and self-contained, people who do not
see it can read it, and it has exactly these sections. With --live it must load itself
again, without it must not hold a script.
"""
import base64
import html.parser
import re
import struct
import sys
import xml.etree.ElementTree as xml
import zlib

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.headings, self.sections, self.images = [], [], [], [], []
        self.seen, self.text, self.labels, self.links = {}, "", [], []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        assert len(attributes) == len(attrs), f"an attribute twice: {tag} {attrs}"
        self.seen[tag] = self.seen.get(tag, 0) + 1
        for name, value in attrs:
            assert not name.startswith("on"), f"a handler: {name}"
            if name in ("src", "href", "xlink:href", "action", "srcset", "data"):
                assert value.startswith(("data:image/png;base64,", "#")), f"outside of the file: {value[:80]}"
        if "id" in attributes:
            self.ids.append(attributes["id"])
        self.labels += attributes.get("aria-labelledby", "").split()
        if tag == "a":
            self.links.append(attributes["href"][1:])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "section":
            self.sections.append(attributes["id"])
            assert attributes["aria-labelledby"] == attributes["id"] + "-h"
        if tag == "img":
            assert attributes.get("alt"), "a picture without a description"
            self.images.append(attributes["src"])
        if tag == "th":
            assert attributes.get("scope") in ("row", "col"), "a head of nothing"
        if tag == "table":
            assert any(t == "div" and "scroll" in a.get("class", "") and a.get("tabindex") == "0"
                       for t, a in self.open), "a wide table would make the page scroll"
        if tag not in VOID:
            self.open.append((tag, attributes))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1][0] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1][0] not in ("style", "script"):
            self.text += data


def check_png(uri):
    data = base64.b64decode(uri.split(",", 1)[1], validate=True)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, pixels = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        assert zlib.crc32(kind + body) == struct.unpack(">I", data[at + 8 + size:at + 12 + size])[0]
        pixels += body if kind == b"IDAT" else b""
        at += 12 + size
    assert zlib.decompress(pixels)


def check_svg(text):
    root = xml.fromstring(text)
    name = "{http://www.w3.org/2000/svg}"
    if root.get("role") == "img":
        ids = root.get("aria-labelledby").split()
        title, desc = root.find(name + "title"), root.find(name + "desc")
        assert [title.get("id"), desc.get("id")] == ids and title.text and desc.text
    else:
        assert root.get("aria-hidden") == "true", "a picture of which nobody says what it is"
    for path in root.iter(name + "path"):
        assert "nan" not in path.get("d", "") and "inf" not in path.get("d", ""), path.get("d")


def contrast(first, second):
    def light(colour):
        colour = colour.lstrip("#")
        colour = "".join(c * 2 for c in colour) if len(colour) == 3 else colour
        parts = [int(colour[i:i + 2], 16) / 255 for i in (0, 2, 4)]
        parts = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    high, low = sorted((light(first), light(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def check_colours(style):
    themes = re.findall(r":root \{(.*?)\}", style, re.S)
    assert len(themes) == 2 and "prefers-color-scheme: dark" in style
    for theme in themes:
        colours = dict(re.findall(r"--([\w]+): (#\w+)", theme))
        for ground in ("paper", "card"):
            for text in ("text", "soft", "accent", "warn"):
                assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
        for shade in ("good", "m1", "m2", "m3", "m4"):
            assert contrast(colours["text"], colours[shade]) >= 4.5, shade
        for curve in range(8):
            assert contrast(colours[f"c{curve}"], colours["paper"]) >= 3, curve


def main():
    live = "--live" in sys.argv
    path, *sections = [a for a in sys.argv[1:] if a != "--live"]
    with open(path, "rb") as file:
        text = file.read().decode("utf-8")
    page = Page()
    page.feed(text)
    page.close()
    assert not page.open, page.open
    assert text.startswith("<!DOCTYPE html>") and '<html lang="en"' in text
    assert len(set(page.ids)) == len(page.ids), "an id twice"
    assert set(page.labels) <= set(page.ids) and set(page.links) == set(page.sections)
    for tag in ("header", "nav", "main", "footer", "h1", "title"):
        assert page.seen.get(tag, 0) >= 1, tag
    assert page.headings[0] == 1 and page.headings.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(page.headings, page.headings[1:])), page.headings
    assert not re.search(r"url\((?!#)|@import|https?://(?!www\.w3\.org/2000/svg)", text), "the network"
    assert ("<script" in text) == live and page.seen.get("script", 0) == int(live)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text).group(1)
    assert policy.startswith("default-src 'none'") and ("script-src" in policy) == live
    assert "width=device-width" in text
    for svg in re.findall(r"<svg.*?</svg>", text, re.S):
        check_svg(svg if "xmlns=" in svg else svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))
    for image in page.images:
        check_png(image)
    check_colours(re.search(r"<style>(.*?)</style>", text, re.S).group(1))
    assert sections == page.sections, page.sections
    print("ok:", path, len(page.images), "pictures")


main()
