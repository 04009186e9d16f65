# What builds an op family or another plugin, inside this project and against an
# installed Gradmill alike.
#
# requires: GRADMILL_INCLUDE_DIRS, the folders of Gradmill's headers; the target
# GradmillNN before a plugin is added.

include(${CMAKE_CURRENT_LIST_DIR}/InterfaceHash.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/GradmillTests.cmake)

# A version of "22" alone is refused by MLIR's own version file.
if(NOT MLIR_DIR AND EXISTS /usr/lib/llvm-22/lib/cmake/mlir)
  set(MLIR_DIR /usr/lib/llvm-22/lib/cmake/mlir)
endif()
find_package(MLIR 22.1 REQUIRED CONFIG)
set(LLVM_RUNTIME_OUTPUT_INTDIR ${PROJECT_BINARY_DIR}/bin)
set(LLVM_LIBRARY_OUTPUT_INTDIR ${PROJECT_BINARY_DIR}/lib)
set(MLIR_BINARY_DIR ${PROJECT_BINARY_DIR})
# One libMLIR for the tools and every plugin: op and interface identities are
# addresses in it, so static copies must never be mixed in.
set(MLIR_LINK_MLIR_DYLIB ON)
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)
separate_arguments(GRADMILL_LLVM_DEFINITIONS NATIVE_COMMAND "${LLVM_DEFINITIONS}")

# Usage requirements of everything that includes MLIR's headers.
add_library(gradmill_mlir INTERFACE)
target_compile_definitions(gradmill_mlir INTERFACE ${GRADMILL_LLVM_DEFINITIONS})
target_include_directories(gradmill_mlir SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
target_include_directories(gradmill_mlir INTERFACE ${GRADMILL_INCLUDE_DIRS})
target_link_directories(gradmill_mlir INTERFACE ${LLVM_LIBRARY_DIR})
target_link_libraries(gradmill_mlir INTERFACE MLIR LLVM)
target_compile_features(gradmill_mlir INTERFACE cxx_std_20)
# MLIR is built without exceptions; a plugin's type ids need run-time type information.
target_compile_options(gradmill_mlir INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -Wall -Wextra -Wno-unused-parameter>)

# gradmill_tablegen(TARGET FILE.td OUT GENERATOR [OUT GENERATOR ...])
function(gradmill_tablegen target file)
  set(LLVM_TARGET_DEFINITIONS ${file})
  set(args ${ARGN})
  while(args)
    list(POP_FRONT args out generator)
    # Several flags of one generator are separated by '|'.
    string(REPLACE "|" ";" generator "${generator}")
    mlir_tablegen(${out} ${generator} EXTRA_INCLUDES ${GRADMILL_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
  endwhile()
  add_public_tablegen_target(${target})
endfunction()

# A family is a folder with Plugin.cpp, *.cpp and, if it has ops, one <Name>.td; from
# it come <Name>.h.inc and <Name>.cpp.inc, included as "<Name>.h.inc". Its folders other
# than test/ hold more *.cpp, an idea each; includes start at the family's folder.

# Table generation for a family folder, of that name if it is given; sets family_name, family_sources,
# family_includes and family_targets in the caller.
function(gradmill_prepare_family dir)
  get_filename_component(name ${dir} NAME)
  string(REPLACE "plugin-" "" name ${name})
  if(ARGC GREATER 1)
    set(name ${ARGV1})
  endif()
  string(MAKE_C_IDENTIFIER ${name} name)
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.cpp ${dir}/*/*.cpp)
  list(FILTER sources EXCLUDE REGEX "^${dir}/test/")
  file(GLOB tds CONFIGURE_DEPENDS ${dir}/*.td)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${name}.gen)
  file(MAKE_DIRECTORY ${out})
  set(targets)
  foreach(td IN LISTS tds)
    get_filename_component(stem ${td} NAME_WE)
    gradmill_tablegen(Gradmill_${name}_${stem}_IncGen ${td}
      ${name}.gen/${stem}.h.inc -gen-op-decls
      ${name}.gen/${stem}.cpp.inc -gen-op-defs)
    list(APPEND targets Gradmill_${name}_${stem}_IncGen)
  endforeach()
  set(family_name ${name} PARENT_SCOPE)
  set(family_sources ${sources} PARENT_SCOPE)
  set(family_includes ${dir} ${out} PARENT_SCOPE)
  set(family_targets ${targets} PARENT_SCOPE)
endfunction()

# gradmill_add_plugin([DIR] [NAME NAME]): the family in DIR, the current folder if left
# out, as gradmill-plugin-NAME.so for --plugin. NAME is the folder's, without "plugin-",
# if it is left out. Its tests in test/ become a test of ctest.
function(gradmill_add_plugin)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "")
  set(dir ${CMAKE_CURRENT_SOURCE_DIR})
  if(arg_UNPARSED_ARGUMENTS)
    get_filename_component(dir ${arg_UNPARSED_ARGUMENTS} ABSOLUTE)
  endif()
  if(NOT EXISTS ${dir}/Plugin.cpp)
    message(FATAL_ERROR "gradmill_add_plugin: ${dir} has no Plugin.cpp, which registers what the plugin brings")
  endif()
  gradmill_prepare_family(${dir} ${arg_NAME})
  add_library(gradmill-plugin-${family_name} MODULE ${family_sources})
  set_target_properties(gradmill-plugin-${family_name} PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden)
  target_compile_definitions(gradmill-plugin-${family_name} PRIVATE GRADMILL_PLUGIN_MODULE)
  target_include_directories(gradmill-plugin-${family_name} PRIVATE ${family_includes})
  target_link_libraries(gradmill-plugin-${family_name} PRIVATE GradmillNN)
  target_link_options(gradmill-plugin-${family_name} PRIVATE -Wl,-z,defs)
  if(family_targets)
    add_dependencies(gradmill-plugin-${family_name} ${family_targets})
  endif()
  # Gradmill's own build finds the folders of tests by itself.
  if(NOT TARGET gradmill_runtime)
    gradmill_add_plugin_tests(${dir} ${family_name})
  endif()
endfunction()
