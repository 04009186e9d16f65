# How lit runs a folder of tests. lit.site.cfg.py in the build folder says which.
#
# Tools come from PATH: Gradmill's first, then LLVM's (FileCheck, not, count,
# split-file), which Debian keeps out of the usual places.
#
#   %mnist     the folder with the MNIST files    (REQUIRES: mnist)
#   %models    models that others made, from GRADMILL_MODELS_DIR (REQUIRES: models)
#   %images    the same where there is one, else digits that the program draws
#   %plugins   the folder of Gradmill's .so files
#   %source    the repository
#   %exits     runs a command and wants an exit status: %exits 3 gradmill ...
#
#   %qemu-aarch64     runs a program for AArch64 (REQUIRES: aarch64)
#   %aarch64-root     what is / for it (REQUIRES: aarch64-runtime)
#   (REQUIRES: netem) a kernel and a user that can make networks slow
#   (REQUIRES: mpi)   mpirun, and the backend that is built where CMake finds MPI
#   %run-under-bochs  runs a folder on an emulated machine with AVX-512 (REQUIRES: bochs)
#
# Features: browser (Chromium, or another named by GRADMILL_BROWSER), tensorboard (of the
# Python that GRADMILL_TEST_PYTHON names), mnist, models, onnx, asan, avx2, avx512; musl, aarch64-runtime (the runtimes that
# cmake/cross-runtime builds; all for AArch64 wants qemu-user-static); aarch64 (that, or
# libc6-dev-arm64-cross and a libstdc++-*-dev-arm64-cross); bochs (the emulator, and a
# Linux kernel named by GRADMILL_BOCHS_KERNEL); plugin-swish, plugin-linalg,
# plugin-written_linalg, plugin-own_loss, plugin-faulty, plugin-versioned, plugin-targets, plugin-chain, plugin-pace and plugin-training (built as plugins, not into the compiler).
import glob
import os
import shutil
import subprocess

import lit.formats

config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "slow"]  # slow/ is a suite of its own

bin_dir = os.path.join(config.gradmill_binary, "bin")
lib_dir = os.path.join(config.gradmill_binary, "lib")
config.environment["PATH"] = os.pathsep.join([bin_dir, config.llvm_tools, os.environ["PATH"]])
# Tests see neither the user's colours nor the user's caches.
config.environment["NO_COLOR"] = "1"
# Runs leave a page only in the tests that look at it.
config.environment["GRADMILL_NO_REPORT"] = "1"
config.environment["HOME"] = config.test_exec_root
config.environment["XDG_CACHE_HOME"] = os.path.join(config.test_exec_root, "cache")
for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "GRADMILL_CPU"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

finder = os.path.join(config.gradmill_source, "cmake", "find-mnist")
found = subprocess.run([finder], stdout=subprocess.PIPE, text=True)
mnist = found.stdout.strip()
if found.returncode == 0 and mnist:
    config.available_features.add("mnist")
    config.environment["GRADMILL_MNIST_DIR"] = mnist

for name in ("plugin-swish", "plugin-linalg", "plugin-written_linalg", "plugin-own_loss", "plugin-faulty", "plugin-versioned", "plugin-targets",
             "plugin-chain", "plugin-pace", "plugin-training"):
    if os.path.exists(os.path.join(lib_dir, f"gradmill-{name}.so")):
        config.available_features.add(name)
if config.gradmill_sanitize:
    config.available_features.add("asan")
try:
    with open("/proc/cpuinfo") as info:
        flags = next((line for line in info if line.startswith("flags")), "").split()
    # What the compiler asks of a CPU for either (compiler/codegen/Target.cpp).
    needs = {"avx2": {"avx2", "fma"}, "avx512": {"avx512f", "avx512vl", "avx512dq", "avx512bw", "avx512cd"}}
    config.available_features.update(name for name, all in needs.items() if all <= set(flags))
except OSError:
    pass

if config.name == "targets.slow" and "avx512" not in config.available_features:
    lit_config.note("this machine has no AVX-512: what runs its instructions is skipped (avx512.test), "
                    "but for an emulated machine (avx512-emulated.test)")

qemu = shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64")
aarch64_lib = os.path.join(lib_dir, "aarch64-linux-gnu")
aarch64_root = os.path.join(aarch64_lib, "sysroot")
if qemu and (os.path.isdir(aarch64_root) or glob.glob("/usr/lib/gcc-cross/aarch64-linux-gnu/*/libstdc++.a")):
    config.available_features.add("aarch64")
if qemu and os.path.exists(os.path.join(aarch64_lib, "libgradmill_trainer.a")):
    config.available_features.add("aarch64-runtime")
if os.path.exists(os.path.join(lib_dir, f"{os.uname().machine}-linux-musl", "libgradmill_trainer.a")):
    config.available_features.add("musl")

if shutil.which("mpirun") and os.path.exists(os.path.join(lib_dir, "libgradmill_mpi.so")):
    config.available_features.add("mpi")
    netem = "ip link set lo up && tc qdisc add dev lo root netem delay 1ms"
    if shutil.which("tc") and subprocess.run(["unshare", "-n", "sh", "-c", netem], capture_output=True).returncode == 0:
        config.available_features.add("netem")
    # Containers run tests as root, with fewer cores than a test has ranks.
    config.environment.update({"GRADMILL_MPI": os.path.join(lib_dir, "libgradmill_mpi.so"),
                               "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
                               "OMPI_MCA_rmaps_base_oversubscribe": "1",
                               "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe"})

kernel = os.environ.get("GRADMILL_BOCHS_KERNEL")
if kernel and shutil.which("bochs"):
    config.available_features.add("bochs")
    config.environment["GRADMILL_BOCHS_KERNEL"] = kernel

if config.gradmill_onnx:
    config.available_features.add("onnx")
models = os.environ.get("GRADMILL_MODELS_DIR", "")
if os.path.isdir(models):
    config.available_features.add("models")

mkdocs = os.environ.get("MKDOCS") or shutil.which("mkdocs")
if mkdocs:
    config.available_features.add("mkdocs")
    config.environment["MKDOCS"] = mkdocs

# Reports are looked at in a browser that runs here, and their event files by TensorBoard.
if config.name.startswith("report"):
    browser = os.environ.get("GRADMILL_BROWSER") or next(
        filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None)
    try:
        # Ubuntu's chromium is a script that asks for a snap.
        started = browser and subprocess.run([browser, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        started = None
    if started and started.returncode == 0:
        config.available_features.add("browser")
        config.environment["GRADMILL_BROWSER"] = browser

# The Python package's tests run where an interpreter has what they import.
def has_module(python, module):
    check = f"import importlib.util, sys; sys.exit(importlib.util.find_spec('{module}') is None)"
    return subprocess.run([python, "-c", check]).returncode == 0


candidates = [os.environ.get("GRADMILL_TEST_PYTHON"), shutil.which("python3"), "/usr/bin/python3"]
with_numpy = next((p for p in candidates if p and os.path.exists(p) and has_module(p, "numpy")), None)
if with_numpy:
    config.available_features.add("numpy")
    if has_module(with_numpy, "torch"):
        config.available_features.add("torch")
    if config.name.startswith("onnx") and has_module(with_numpy, "onnx") and has_module(with_numpy, "onnxruntime"):
        config.available_features.add("onnxruntime")
    if config.name.startswith("report") and has_module(with_numpy, "tensorboard"):
        config.available_features.add("tensorboard")

config.substitutions += [
    ("%gradmill-python", f"env PYTHONPATH={config.gradmill_source}/python GRADMILL_COMMAND={lib_dir}/../bin/gradmill {with_numpy}"),
    ("%qemu-aarch64", qemu or "no-qemu"),
    ("%aarch64-root", aarch64_root),
    ("%run-under-bochs", os.path.join(config.gradmill_source, "test", "targets", "run-under-bochs")),
    ("%mnist", mnist or "no-mnist"),
    ("%models", models or "no-models"),
    ("%images", mnist or "digits"),
    ("%plugins", lib_dir),
    ("%exits", os.path.join(config.gradmill_source, "test", "exits")),
    ("%source", config.gradmill_source),
]
