"""Reads TensorBoard's event files as its format says, without it.

events.py FOLDER: prints each scalar as TAG STEP VALUE, after checking all checksums.
"""
import glob
import os
import struct
import sys


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = varint(data, at)
        elif wire == 1:
            value, at = struct.unpack("<d", data[at:at + 8])[0], at + 8
        elif wire == 5:
            value, at = struct.unpack("<f", data[at:at + 4])[0], at + 4
        else:
            assert wire == 2, wire
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        yield number, value


assert crc32c(b"123456789") == 0xE3069283
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*tfevents*"))):
    with open(path, "rb") as file:
        data = file.read()
    at, events, before = 0, [], 0
    while at < len(data):
        head = data[at:at + 8]
        size, = struct.unpack("<Q", head)
        body = data[at + 12:at + 12 + size]
        checks = struct.unpack("<I", data[at + 8:at + 12]) + struct.unpack("<I", data[at + 12 + size:at + 16 + size])
        assert checks == (masked(head), masked(body)), path
        events.append(dict(fields(body)))
        at += 16 + size
    assert events[0][3] == b"brain.Event:2" and 1.5e9 < events[0][1] < 5e9
    for event in events[1:]:
        assert event[1] >= before
        before = event[1]
        for number, value in fields(event[5]):
            scalar = dict(fields(value))
            print(scalar[1].decode(), event[2], "%.6g" % scalar[2])
