# MLIR for this project's own targets: what plugins need, too, and what is only
# for the build here.
set(GRADMILL_INCLUDE_DIRS ${PROJECT_SOURCE_DIR}/dialects ${PROJECT_BINARY_DIR}/dialects
  ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
include(package/GradmillPlugin)
# A graph is compiled in seconds either way, Gradmill itself in half the time.
target_compile_options(gradmill_mlir INTERFACE $<$<CONFIG:Release>:-O1>)

set(CMAKE_BUILD_RPATH ${LLVM_LIBRARY_DIR})
set(CMAKE_INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR};$ORIGIN;${LLVM_LIBRARY_DIR}")

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
