"""Writes strange.npz and strange.npy: one text with the number 27 in it."""
import struct
import zipfile


def npy(shape, data, kind='|u1'):
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (63 - (len(header) + 10) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data


text = bytes([5] * 31 + [27])
with zipfile.ZipFile("strange.npz", "w") as archive:
    for part in ("train", "test"):
        archive.writestr(f"text_{part}.npy", npy((64, 32), text * 64))
        archive.writestr(f"label_{part}.npy", npy((64,), bytes(64)))
with open("strange.npy", "wb") as file:
    file.write(npy((1, 32), struct.pack("<32i", *text), "<i4"))
