# Compiler-independent settings shared by the runtime and the compiler.
find_program(GRADMILL_CCACHE ccache)
if(GRADMILL_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Without this it caches nothing that reads a precompiled header.
  set(launcher env CCACHE_SLOPPINESS=pch_defines,time_macros ${GRADMILL_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()
# lld links the tools ten times faster than GNU ld; only clang finds it by version.
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  find_program(GRADMILL_LLD NAMES ld.lld-22 ld.lld)
  if(GRADMILL_LLD)
    add_link_options(--ld-path=${GRADMILL_LLD})
  endif()
endif()
if(GRADMILL_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
  # Compiled models have no type in front of a function: to look for one reads
  # what lies before their code.
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    add_compile_options(-fno-sanitize=function)
  endif()
endif()
