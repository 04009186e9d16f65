# gradmill_add_model(TARGET GRAPH [OPTION ...] [DEPENDS FILE ...])
#
# Compiles a graph into a library TARGET, to be linked like any other. Its header
# is <TARGET.h>, which declares the model as `TARGET`. Each OPTION goes to
# `gradmill compile`: --infer, --batch=128, --loss=cross_entropy, --cpu=avx2.
# DEPENDS names further files, such as weights and plugins, whose changes matter.
function(gradmill_add_model target graph)
  cmake_parse_arguments(PARSE_ARGV 2 model "" "" "DEPENDS")
  get_filename_component(graph ${graph} ABSOLUTE)
  if(NOT EXISTS ${graph})
    message(FATAL_ERROR "gradmill_add_model(${target}): there is no graph ${graph}")
  endif()
  string(MAKE_C_IDENTIFIER "${target}" name)
  if(NOT name STREQUAL target)
    message(FATAL_ERROR "gradmill_add_model(${target}): the name becomes a C symbol; call it ${name}")
  endif()
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}.model)
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(
    OUTPUT ${folder}/lib${target}.a ${folder}/${target}.h
    COMMAND ${GRADMILL_COMMAND} compile ${graph} ${model_UNPARSED_ARGUMENTS}
            --symbol ${target} -o ${folder}/lib${target}.a --header ${folder}/${target}.h
    DEPENDS ${graph} ${model_DEPENDS} ${GRADMILL_COMMAND}
    COMMENT "Compiling ${graph}" VERBATIM)
  add_custom_target(${target}_model DEPENDS ${folder}/lib${target}.a)
  add_library(${target} STATIC IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION ${folder}/lib${target}.a
    INTERFACE_INCLUDE_DIRECTORIES ${folder})
  target_link_libraries(${target} INTERFACE gradmill::runtime)
  add_dependencies(${target} ${target}_model)
endfunction()
