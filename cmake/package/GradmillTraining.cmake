# gradmill_add_training_plugin([DIR] [NAME NAME]): the *.cpp of DIR, the current folder if
# left out, as gradmill-plugin-NAME.so for `gradmill train --plugin`: schedules,
# augmentations and data sources (gradmill/plugin.h). NAME is the folder's, without
# "plugin-", if it is left out. Its tests in test/ become a test of ctest.
#
# requires: GRADMILL_RUNTIME_INCLUDE_DIR, the folder of gradmill/plugin.h.

include(${CMAKE_CURRENT_LIST_DIR}/GradmillTests.cmake)

function(gradmill_add_training_plugin)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "")
  set(dir ${CMAKE_CURRENT_SOURCE_DIR})
  if(arg_UNPARSED_ARGUMENTS)
    get_filename_component(dir ${arg_UNPARSED_ARGUMENTS} ABSOLUTE)
  endif()
  set(name ${arg_NAME})
  if(NOT name)
    get_filename_component(name ${dir} NAME)
    string(REPLACE "plugin-" "" name ${name})
  endif()
  string(MAKE_C_IDENTIFIER ${name} name)
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.cpp)
  if(NOT sources)
    message(FATAL_ERROR "gradmill_add_training_plugin: ${dir} has no *.cpp, which registers what the plugin brings")
  endif()
  set(target gradmill-plugin-${name})
  add_library(${target} MODULE ${sources})
  set_target_properties(${target} PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden)
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_include_directories(${target} PRIVATE ${GRADMILL_RUNTIME_INCLUDE_DIR})
  # Gradmill's own build finds the folders of tests by itself.
  if(NOT TARGET gradmill_runtime)
    gradmill_add_plugin_tests(${dir} ${name})
  endif()
endfunction()
