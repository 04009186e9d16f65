"""Edits the copy of the interface headers in a folder: "comments", or a "member"."""
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
registry, interfaces = folder / "Registry.h", folder / "interfaces/Interfaces.td"
if sys.argv[2] == "comments":
    for path in (registry, interfaces):
        lines = path.read_text().split("\n")
        # (Behind a backslash a macro goes on.)
        lines = [line if line.endswith("\\") else line.replace(" : ", "  : /* why,\n * so */ ") + "  \n" for line in lines]
        path.write_text("\n".join(lines) + "\n// Another word.\n")
else:
    text = registry.read_text()
    assert "class Registry {" in text
    registry.write_text(text.replace("class Registry {", "class Registry { int more;", 1))
