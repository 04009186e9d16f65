# Finds MLIR 22 and sets up table generation and linking against libMLIR.so.
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
target_include_directories(gradmill_mlir INTERFACE
  ${PROJECT_SOURCE_DIR}/dialects ${PROJECT_BINARY_DIR}/dialects
  ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
target_link_directories(gradmill_mlir INTERFACE ${LLVM_LIBRARY_DIR})
target_link_libraries(gradmill_mlir INTERFACE MLIR LLVM)
# MLIR is built without exceptions; a plugin's type ids need run-time type information.
target_compile_options(gradmill_mlir INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -Wall -Wextra -Wno-unused-parameter>)
# A graph is compiled in seconds either way, Gradmill itself in half the time.
target_compile_options(gradmill_mlir INTERFACE $<$<CONFIG:Release>:-O1>)

set(CMAKE_BUILD_RPATH ${LLVM_LIBRARY_DIR})
set(CMAKE_INSTALL_RPATH "$ORIGIN/../lib;${LLVM_LIBRARY_DIR}")

# gradmill_tablegen(TARGET FILE.td OUT GENERATOR [OUT GENERATOR ...])
function(gradmill_tablegen target file)
  set(LLVM_TARGET_DEFINITIONS ${file})
  set(args ${ARGN})
  while(args)
    list(POP_FRONT args out generator)
    # Several flags of one generator are separated by '|'.
    string(REPLACE "|" ";" generator "${generator}")
    mlir_tablegen(${out} ${generator} EXTRA_INCLUDES ${PROJECT_SOURCE_DIR}/dialects ${MLIR_INCLUDE_DIRS})
  endwhile()
  add_public_tablegen_target(${target})
endfunction()

# MLIR's headers cost more to read than our code to compile: read them once.
add_library(gradmill_pch OBJECT ${CMAKE_CURRENT_LIST_DIR}/pch.cpp)
target_link_libraries(gradmill_pch PUBLIC gradmill_mlir)
target_precompile_headers(gradmill_pch PRIVATE
  <mlir/Dialect/Arith/IR/Arith.h> <mlir/Dialect/Func/IR/FuncOps.h>
  <mlir/Dialect/LLVMIR/LLVMDialect.h> <mlir/Dialect/Math/IR/Math.h>
  <mlir/Dialect/MemRef/IR/MemRef.h> <mlir/Dialect/SCF/IR/SCF.h>
  <mlir/Dialect/Vector/IR/VectorOps.h> <mlir/Pass/Pass.h>)

# A precompiled header without times is the same in each build: ccache can find it.
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  target_compile_options(gradmill_pch PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
endif()

# Flags must be the same for all that share the header, so no <target>_EXPORTS.
function(gradmill_use_pch target)
  set_target_properties(${target} PROPERTIES DEFINE_SYMBOL "")
  target_precompile_headers(${target} REUSE_FROM gradmill_pch)
endfunction()
