# What `cmake --install` puts where, and the CMake package, which serves from the
# build folder (Gradmill_DIR=build/lib/cmake/Gradmill) as from a prefix.
#
# Components: Runtime (headers, static libraries, pkg-config), Compiler (the tools
# and their libraries), Development (what a plugin is built with).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS gradmill gradmill-lsp-server gradmill-opt gradmill-numeric gradmill-fuzz gradmill-reduce gradmill-replay gradmill-translate
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT Compiler)
install(TARGETS GradmillNN GradmillFamilies GradmillCompiler
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT Compiler)
install(TARGETS gradmill_shared
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT Runtime)
if(TARGET gradmill_mpi)
  install(TARGETS gradmill_mpi
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT Runtime)
endif()
install(TARGETS gradmill_runtime gradmill_data gradmill_trainer gradmill_static
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT Runtime)
install(DIRECTORY runtime/include/gradmill
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT Runtime)

# Includes are "nn/NNDialect.h": apart from other projects' headers.
set(plugin_include ${CMAKE_INSTALL_INCLUDEDIR}/gradmill/plugin)
foreach(tree ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
  install(DIRECTORY ${tree}/dialects/nn DESTINATION ${plugin_include} COMPONENT Development
    FILES_MATCHING PATTERN "*.h" PATTERN "*.td" PATTERN "*.inc"
    PATTERN families EXCLUDE PATTERN CMakeFiles EXCLUDE PATTERN test EXCLUDE)
endforeach()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Gradmill)
set(config ${CMAKE_CURRENT_LIST_DIR}/package/GradmillConfig.cmake.in)
set(modules ${CMAKE_CURRENT_LIST_DIR}/package/GradmillModel.cmake
  ${CMAKE_CURRENT_LIST_DIR}/package/GradmillPlugin.cmake
  ${CMAKE_CURRENT_LIST_DIR}/package/GradmillTests.cmake
  ${CMAKE_CURRENT_LIST_DIR}/package/GradmillTraining.cmake
  ${CMAKE_CURRENT_LIST_DIR}/package/InterfaceHash.cmake
  ${CMAKE_CURRENT_LIST_DIR}/package/PluginTests.cfg.py)
set(COMMAND ${CMAKE_INSTALL_BINDIR}/gradmill)
set(LIBRARY_DIR ${CMAKE_INSTALL_LIBDIR})
set(RUNTIME_INCLUDE_DIR ${CMAKE_INSTALL_INCLUDEDIR})
set(PLUGIN_INCLUDE_DIRS ${plugin_include})
configure_package_config_file(${config} ${PROJECT_BINARY_DIR}/install/GradmillConfig.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO
  PATH_VARS COMMAND LIBRARY_DIR RUNTIME_INCLUDE_DIR PLUGIN_INCLUDE_DIRS)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/install/GradmillConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/install/GradmillConfig.cmake
  ${PROJECT_BINARY_DIR}/install/GradmillConfigVersion.cmake ${modules}
  DESTINATION ${package_dir} COMPONENT Runtime)

# The same for the build folder.
set(built ${PROJECT_BINARY_DIR}/lib/cmake/Gradmill)
set(PACKAGE_INIT "include(CMakeFindDependencyMacro)
macro(check_required_components name)
endmacro()")
set(PACKAGE_COMMAND ${PROJECT_BINARY_DIR}/bin/gradmill)
set(PACKAGE_LIBRARY_DIR ${PROJECT_BINARY_DIR}/lib)
set(PACKAGE_RUNTIME_INCLUDE_DIR ${PROJECT_SOURCE_DIR}/runtime/include)
set(PACKAGE_PLUGIN_INCLUDE_DIRS "${GRADMILL_INCLUDE_DIRS}")
configure_file(${config} ${built}/GradmillConfig.cmake @ONLY)
configure_file(${PROJECT_BINARY_DIR}/install/GradmillConfigVersion.cmake
  ${built}/GradmillConfigVersion.cmake COPYONLY)
foreach(module IN LISTS modules)
  get_filename_component(name ${module} NAME)
  configure_file(${module} ${built}/${name} COPYONLY)
endforeach()

# prefix/lib/pkgconfig to prefix, so that an installed tree can be moved.
file(RELATIVE_PATH PREFIX_FROM_PC
  ${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(${CMAKE_CURRENT_LIST_DIR}/package/gradmill.pc.in
  ${PROJECT_BINARY_DIR}/install/gradmill.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/install/gradmill.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT Runtime)

install(FILES ${CMAKE_CURRENT_LIST_DIR}/package/completion/gradmill.bash
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME gradmill COMPONENT Compiler)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/package/completion/_gradmill
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions COMPONENT Compiler)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/package/completion/gradmill.fish
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT Compiler)

# Manual pages say what --help says. Sanitizers would need their runtime first.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND NOT GRADMILL_SANITIZE)
  set(manpages ${CMAKE_CURRENT_LIST_DIR}/package/manpages.py)
  add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/man/gradmill.1
    COMMAND ${Python3_EXECUTABLE} ${manpages} $<TARGET_FILE:gradmill> ${PROJECT_VERSION} ${PROJECT_BINARY_DIR}/man
    DEPENDS gradmill ${manpages} COMMENT "Manual pages" VERBATIM)
  add_custom_target(gradmill-man ALL DEPENDS ${PROJECT_BINARY_DIR}/man/gradmill.1)
  install(DIRECTORY ${PROJECT_BINARY_DIR}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
    COMPONENT Compiler FILES_MATCHING PATTERN "*.1")
endif()

# cpack -G DEB in the build folder.
set(CPACK_GENERATOR DEB TGZ)
set(CPACK_PACKAGE_NAME gradmill)
set(CPACK_PACKAGE_CONTACT "The Gradmill maintainers <maintainers@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Compiler for neural-network graphs and their training steps")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libmlir-22, libllvm22, lld-22, zlib1g-dev, libpng-dev")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "openmpi-bin")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "clang-22 | g++, libcurl4t64 | libcurl4")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libmlir-22-dev, mlir-22-tools")
find_program(GRADMILL_SHLIBDEPS dpkg-shlibdeps)
if(GRADMILL_SHLIBDEPS)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
endif()
include(CPack)
