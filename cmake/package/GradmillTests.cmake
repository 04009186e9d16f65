# The tests of plugins that are built outside of Gradmill's tree.
#
# requires: GRADMILL_COMMAND, the gradmill that they use.
set(GRADMILL_PLUGIN_TESTS ${CMAKE_CURRENT_LIST_DIR}/PluginTests.cfg.py)

# The tests of a plugin's folder by lit (PluginTests.cfg.py says what they may use).
function(gradmill_add_plugin_tests dir name)
  file(GLOB_RECURSE tests CONFIGURE_DEPENDS ${dir}/test/*.mlir ${dir}/test/*.test)
  if(NOT tests)
    return()
  endif()
  set(tools ${LLVM_TOOLS_BINARY_DIR})
  if(NOT tools)
    set(tools /usr/lib/llvm-22/bin)
  endif()
  find_program(GRADMILL_LIT NAMES lit llvm-lit lit.py PATHS ${tools} NO_DEFAULT_PATH)
  find_program(GRADMILL_LIT NAMES lit llvm-lit)
  find_package(Python3 COMPONENTS Interpreter)
  if(NOT GRADMILL_LIT OR NOT Python3_FOUND)
    message(STATUS "The tests of ${name} are left out: they need Python and lit (llvm-22-tools)")
    return()
  endif()
  get_filename_component(bin ${GRADMILL_COMMAND} DIRECTORY)
  set(suite ${CMAKE_CURRENT_BINARY_DIR}/${name}.test)
  file(WRITE ${suite}/lit.site.cfg.py "# Generated.
config.name = '${name}'
config.test_source_root = '${dir}/test'
config.test_exec_root = '${suite}'
config.plugin_name = '${name}'
config.plugin_folder = '${dir}'
config.plugin_binary = '${CMAKE_CURRENT_BINARY_DIR}'
config.gradmill_bin = '${bin}'
config.llvm_tools = '${tools}'
lit_config.load_config(config, '${GRADMILL_PLUGIN_TESTS}')
")
  enable_testing()
  add_test(NAME ${name} COMMAND ${Python3_EXECUTABLE} ${GRADMILL_LIT} -sv --no-progress-bar ${suite})
  set_tests_properties(${name} PROPERTIES ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
endfunction()
