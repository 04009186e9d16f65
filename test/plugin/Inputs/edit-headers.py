"""Edits the copy of the interface headers in a folder: "comments", or a "member"."""
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
registry, interfaces = folder / "Registry.h", folder / "interfaces/Interfaces.td"
if sys.argv[2] == "comments":
    for path in (registry, interfaces):
        text = path.read_text().replace("\n", "  \n\n") + "\n// Another word.\n"
        path.write_text(text.replace(" : ", "  : /* why,\n * in two lines */ "))
else:
    text = registry.read_text()
    assert "class Registry {" in text
    registry.write_text(text.replace("class Registry {", "class Registry { int more;", 1))
