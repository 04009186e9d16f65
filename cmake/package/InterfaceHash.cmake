# What a plugin is compiled against: a hash of the meaning of the headers that it may
# include. Comments and white space do not count. A plugin hashes the headers that its
# compiler sees, not those that Gradmill was built from.
#
#   cmake -DDIR=include/nn -P InterfaceHash.cmake    prints it

# gradmill_interface_hash(OUT DIR [DEPENDS VARIABLE]): of the headers in DIR, the folder
# "nn"; VARIABLE becomes the list of the files.
function(gradmill_interface_hash out dir)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "DEPENDS" "")
  file(GLOB headers LIST_DIRECTORIES false ${dir}/*.h ${dir}/*.td ${dir}/interfaces/*.h ${dir}/interfaces/*.td)
  list(FILTER headers EXCLUDE REGEX "/InterfaceHash\\.h$")
  list(SORT headers)
  set(all "")
  foreach(header IN LISTS headers)
    file(READ ${header} text)
    string(REGEX REPLACE "//[^\n]*" "" text "${text}")
    string(REGEX REPLACE "/\\*([^*]|\\*+[^*/])*\\*+/" "" text "${text}")
    string(REGEX REPLACE "[ \t\r\n]+" "" text "${text}")
    file(RELATIVE_PATH name ${dir} ${header})
    string(SHA256 digest "${text}")
    string(APPEND all "${name} ${digest}\n")
  endforeach()
  string(SHA256 hash "${all}")
  string(SUBSTRING ${hash} 0 16 hash)
  set(${out} ${hash} PARENT_SCOPE)
  if(arg_DEPENDS)
    set(${arg_DEPENDS} ${headers} PARENT_SCOPE)
  endif()
endfunction()

# gradmill_write_interface_hash(HEADER DIR): the header nn/InterfaceHash.h, made again when
# a header in DIR has changed.
function(gradmill_write_interface_hash header dir)
  gradmill_interface_hash(GRADMILL_INTERFACE_HASH ${dir} DEPENDS headers)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${headers})
  set(text "// Generated: identifies the headers that a plugin is compiled against.
#pragma once
#define GRADMILL_INTERFACE_HASH \"${GRADMILL_INTERFACE_HASH}\"
")
  set(before "")
  if(EXISTS ${header})
    file(READ ${header} before)
  endif()
  if(NOT "${before}" STREQUAL "${text}")
    file(WRITE ${header} "${text}")
  endif()
endfunction()

if(CMAKE_SCRIPT_MODE_FILE AND DIR)
  gradmill_interface_hash(hash ${DIR})
  execute_process(COMMAND ${CMAKE_COMMAND} -E echo ${hash})
endif()
