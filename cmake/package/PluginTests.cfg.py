# How lit runs the tests of a plugin that is built outside of Gradmill's tree. A
# generated lit.site.cfg.py in the plugin's build folder says which. Tools come from
# PATH: gradmill and its companions, then LLVM's (FileCheck, not, split-file).
#
#   %plugin    the plugin's file, for --plugin
#   %folder    the plugin's folder
#   %plugins   the folder of the plugin's file
#
# Features: plugin-NAME, so that tests can say REQUIRES: plugin-NAME.
import os

import lit.formats

config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs"]
config.environment["PATH"] = os.pathsep.join([config.gradmill_bin, config.llvm_tools, os.environ["PATH"]])
# Tests see neither the user's colours nor the user's caches.
config.environment["NO_COLOR"] = "1"
config.environment["HOME"] = config.test_exec_root
config.environment["XDG_CACHE_HOME"] = os.path.join(config.test_exec_root, "cache")
config.available_features.add(f"plugin-{config.plugin_name}")
config.substitutions += [
    ("%plugins", config.plugin_binary),
    ("%plugin", os.path.join(config.plugin_binary, f"gradmill-plugin-{config.plugin_name}.so")),
    ("%folder", config.plugin_folder),
]
