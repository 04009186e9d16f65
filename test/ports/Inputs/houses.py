"""Writes houses.csv and houses.npz into the current folder: five numbers of a house, its kind and its price."""
import io
import random
import struct
import zipfile

random.seed(1)
rows = []
for _ in range(300):
    rooms, area, age, lon, lat = (random.uniform(-1, 1) for _ in range(5))
    kind = 0 if rooms + lon > 0.4 else 1 if rooms + lon > -0.4 else 2
    rows.append((rooms, area, age, lon, lat, kind, 2 * area - age + lon))

with open("houses.csv", "w") as file:
    file.write("rooms,area,age,lon,lat,kind,price\n")
    for row in rows:
        file.write(",".join(f"{value:.4f}" if isinstance(value, float) else str(value) for value in row) + "\n")


def npy(dtype, shape, values):
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (63 - (len(header) + 10) % 64) + "\n"
    code = {"<f4": "f", "<i4": "i"}[dtype]
    return (b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
            + struct.pack(f"<{len(values)}{code}", *values))


# The names of the ports: nothing is to be mapped.
with zipfile.ZipFile("houses.npz", "w", zipfile.ZIP_DEFLATED) as archive:
    n = len(rows)
    archive.writestr("size.npy", npy("<f4", (n, 3), [v for r in rows for v in r[:3]]))
    archive.writestr("place.npy", npy("<f4", (n, 2), [v for r in rows for v in r[3:5]]))
    archive.writestr("kind_label.npy", npy("<i4", (n,), [r[5] for r in rows]))
    archive.writestr("price_target.npy", npy("<f4", (n, 1), [r[6] for r in rows]))

with open("size.npy", "wb") as file:
    file.write(npy("<f4", (2, 3), [1, 0, -1, 0.5, 0.5, 0.5]))
for name, values in {"size.raw": [1, 0, -1, 0.5, 0.5, 0.5], "place.raw": [0.25, 0.5, -0.25, 0.5], "one.raw": [1, 0, -1]}.items():
    with open(name, "wb") as file:
        file.write(struct.pack(f"<{len(values)}f", *values))
with open("labels.raw", "wb") as file:
    file.write(struct.pack("<8i", 0, 1, 2, 0, 1, 2, 3, 0))
