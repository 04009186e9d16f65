# Builds the runtime for AArch64 with clang and Debian's libc6-dev-arm64-cross and
# libstdc++-12-dev-arm64-cross (or a later one):
#   cmake -S runtime -B build-arm -DCMAKE_TOOLCHAIN_FILE=$PWD/cmake/aarch64-linux-gnu.cmake
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
find_program(CMAKE_C_COMPILER NAMES clang-22 clang REQUIRED)
find_program(CMAKE_CXX_COMPILER NAMES clang++-22 clang++ REQUIRED)
find_program(GRADMILL_CROSS_LLD NAMES ld.lld-22 ld.lld REQUIRED)
set(CMAKE_C_COMPILER_TARGET aarch64-linux-gnu)
set(CMAKE_CXX_COMPILER_TARGET aarch64-linux-gnu)
add_link_options(--ld-path=${GRADMILL_CROSS_LLD})
set(CMAKE_FIND_ROOT_PATH /usr/aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
