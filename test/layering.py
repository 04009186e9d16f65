#!/usr/bin/env python3
"""Checks which layer may use which, from the sources (the link order checks the rest).

- compiler/ knows ops by their interfaces only: no header of a family, no class of an op that a
  family registers, no name of such an op in a string. Only compiler/tools/Setup.cpp includes the
  list of built-in families.
- runtime/ knows nothing of LLVM, MLIR, the dialect or the compiler.
- a family knows no other family.
- a pass lies in the folder of the stage in which compiler/pipeline/Pipeline.cpp runs it, and a
  stage's folder includes nothing of a later stage.

usage: layering.py [REPOSITORY]; --self-test checks that each kind of breach is found.
"""
import pathlib
import re
import sys
import tempfile

SOURCES = {".h", ".c", ".cpp", ".td", ".in"}
INCLUDE = re.compile(r'^\s*#?\s*include\s*[<"]([^>"]+)[>"]', re.M)
OP_DEFINITION = re.compile(r'^def\s+NN_(\w+)\s*:\s*\w+<"([\w.]+)"', re.M)
# Names of arguments' attributes, too, which the compiler may know: how images were normalized.
ATTRIBUTES = {"mean"}
# The folder of each stage, in the order in which they run.
STAGES = {"Graph": "autodiff", "Train": "autodiff", "Schedule": "schedule", "Fuse": "fuse", "Vector": "vector",
          "LLVM": "codegen"}
REGISTERED = re.compile(r'\bops<([^>]*)>', re.S)


def code(path):
    """A file's text without comments."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)
    return re.sub(r"(?<!:)//[^\n]*", "", text)


def sources(folder):
    for path in sorted(folder.rglob("*")):
        if path.suffix in SOURCES and path.is_file() and "test" not in path.relative_to(folder).parts:
            yield path


def find_families(root):
    folder = root / "dialects/nn/families"
    return {path.name: path for path in sorted(folder.iterdir()) if (path / "Plugin.cpp").exists()}


def family_ops(folder):
    """C++ class names of the ops that a family registers or defines, and the ops' names."""
    classes, names = set(), set()
    for path in sources(folder):
        text = code(path)
        if path.suffix == ".td":
            for cls, name in OP_DEFINITION.findall(text):
                classes.add(cls)
                names.add(name)
        for group in REGISTERED.findall(text):
            classes.update(c.strip().split("::")[-1] for c in group.split(",") if c.strip())
    return classes, names


def pass_stages(text):
    """Of Pipeline.cpp: the stage whose function adds each pass, by the pass's name in capitals."""
    stages = {}
    for stage, body in re.findall(r"^static void add(\w+)\(PassManager.*?\{(.*?)^\}", text, re.M | re.S):
        for name in re.findall(r"\bcreate(\w+)\(", body):
            stages.setdefault(name.upper(), stage)
    return stages


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def check(root):
    breaches = []
    families = find_families(root)
    classes, names, headers = {}, {}, {}
    for family, folder in families.items():
        ops, op_names = family_ops(folder)
        classes.update(dict.fromkeys(ops, family))
        names.update(dict.fromkeys(op_names - ATTRIBUTES, family))
        for path in sources(folder):
            if path.suffix in (".h", ".td"):
                headers.setdefault(path.name, family)
                if path.suffix == ".td":
                    headers.setdefault(path.stem + ".h.inc", family)
                    headers.setdefault(path.stem + ".cpp.inc", family)

    def breach(path, text, position, what):
        breaches.append(f"{path.relative_to(root)}:{line_of(text, position)}: {what}")

    # math::ExpOp is MLIR's own.
    class_use = re.compile(r"(?<!\w)(?<!\w::)(?:nn::)?\b(" + "|".join(sorted(classes)) + r")\b") if classes else None
    name_use = re.compile(r'"nn\.(' + "|".join(map(re.escape, sorted(names))) + r')"') if names else None
    for path in sources(root / "compiler"):
        text = code(path)
        own = path.parent
        for m in INCLUDE.finditer(text):
            included = m.group(1)
            if included.startswith("nn/families/"):
                if not (path == root / "compiler/tools/Setup.cpp" and included == "nn/families/Families.h"):
                    breach(path, text, m.start(1), f"the compiler includes {included}")
            elif pathlib.PurePath(included).name in headers and not (own / included).exists() \
                    and "/" not in included:
                breach(path, text, m.start(1),
                       f"the compiler includes {included} of the family {headers[included]}")
        for pattern, of in ((class_use, classes), (name_use, names)):
            for m in pattern.finditer(text) if pattern else ():
                breach(path, text, m.start(),
                       f"the compiler names {m.group(1)} of the family {of[m.group(1)]}; ask an interface")

    order = list(dict.fromkeys(STAGES.values()))
    stages = pass_stages(code(root / "compiler/pipeline/Pipeline.cpp"))
    for path in sources(root / "compiler"):
        text, folder = code(path), path.relative_to(root / "compiler").parts[0]
        for m in re.finditer(r"^#define GEN_PASS_DEF_(\w+)", text, re.M):
            stage = stages.get(m.group(1))
            if stage and STAGES.get(stage) != folder:
                breach(path, text, m.start(), f"a pass of the stage {stage} lies in {folder}/, not in {STAGES.get(stage)}/")
        for m in INCLUDE.finditer(text) if folder in order else ():
            parts = m.group(1).split("/")
            if parts[0] == "compiler" and parts[1] in order[order.index(folder) + 1:]:
                breach(path, text, m.start(1), f"{folder}/ includes {m.group(1)} of a later stage")

    for path in sources(root / "runtime"):
        text = code(path)
        for m in INCLUDE.finditer(text):
            if re.match(r"(llvm|llvm-c|mlir|mlir-c|clang|nn|compiler|dialects)/", m.group(1)):
                breach(path, text, m.start(1), f"the runtime includes {m.group(1)}")

    for family, folder in families.items():
        for path in sources(folder):
            text = code(path)
            for m in INCLUDE.finditer(text):
                included = m.group(1)
                other = included.split("/")[2] if included.startswith("nn/families/") else \
                    next((f for f in families if included.startswith(f"../{f}/")), None)
                if other is None and "/" not in included:
                    other = headers.get(included)
                    if (folder / included).exists() or (path.parent / included).exists() or (folder / included.replace(".h.inc", ".td")).exists() \
                            or (folder / included.replace(".cpp.inc", ".td")).exists():
                        other = family
                if other is not None and other != family:
                    breach(path, text, m.start(1), f"the family {family} includes {included}: {other} is not its own")
                if included.startswith("compiler/"):
                    breach(path, text, m.start(1), f"the family {family} includes {included} of the compiler")
    return breaches, families, classes


def self_test():
    """Tests each violation in a small tree that is otherwise clean."""
    clean = {
        "dialects/nn/families/conv/Plugin.cpp": "registry.ops<Conv2DOp>();\n",
        "dialects/nn/families/conv/Conv.td": 'def NN_Conv2DOp : NN_PureOp<"conv2d", []> {}\n',
        "dialects/nn/families/conv/Conv.h": '#include "Conv.h.inc"\n',
        "dialects/nn/families/pool/Plugin.cpp": "registry.ops<MaxPool2DOp>();\n",
        "compiler/tools/Setup.cpp": '#include "nn/families/Families.h"\n',
        "compiler/fuse/Fuse.cpp": "// unlike Conv2DOp\nisa<nn::PointwiseInterface>(op);\n",
        "compiler/fuse/FuseKernels.cpp": "#define GEN_PASS_DEF_FUSEKERNELS\n",
        "compiler/codegen/Emit.cpp": '#include "compiler/vector/Kernel.h"\n',
        "compiler/pipeline/Pipeline.cpp": "static void addFuse(PassManager &pm) {\n  pm.addPass(createFuseKernels());\n}\n"
                                          "static void addVector(PassManager &pm) {\n  pm.addPass(createMergeTasks({1}));\n}\n",
        "runtime/core/Model.cpp": '#include "core/Model.h"\n',
    }
    breaches = {
        "compiler/fuse/A.cpp": '#include "nn/families/conv/Conv.h"\n',
        "compiler/fuse/B.cpp": '#include "Conv.h.inc"\n',
        "compiler/fuse/C.cpp": "if (isa<nn::Conv2DOp>(op))\n",
        "compiler/fuse/D.cpp": 'name == "nn.conv2d"\n',
        "compiler/fuse/E.cpp": '#include "nn/families/Families.h"\n',
        "compiler/schedule/MergeTasks.cpp": "#define GEN_PASS_DEF_MERGETASKS\n",
        "compiler/fuse/L.h": '#include "compiler/vector/Kernel.h"\n',
        "compiler/schedule/M.cpp": '#include "compiler/fuse/N.h"\n',
        "runtime/core/F.cpp": "#include <llvm/ADT/ArrayRef.h>\n",
        "runtime/core/G.h": '#include "mlir/IR/Builders.h"\n',
        "dialects/nn/families/pool/H.cpp": '#include "nn/families/conv/Conv.h"\n',
        "dialects/nn/families/pool/I.cpp": '#include "../conv/Conv.h"\n',
        "dialects/nn/families/pool/J.cpp": '#include "Conv.h"\n',
        "dialects/nn/families/pool/K.cpp": '#include "compiler/Passes.h"\n',
    }
    failures = []
    for name, text in [(None, "")] + list(breaches.items()):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for path, content in list(clean.items()) + ([(name, text)] if name else []):
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(content)
            found = check(root)[0]
            if [b.split(":")[0] for b in found] != ([name] if name else []):
                failures.append(f"{name}: found {found}")
    return failures


def main():
    if "--self-test" in sys.argv[1:]:
        breaches = self_test()
    else:
        root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)
        breaches, families, classes = check(root.resolve())
        if not families or not classes:
            breaches.append("no family was found: this test looks in the wrong place")
    for line in breaches:
        print(line)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
