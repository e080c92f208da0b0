# Installs the library, its headers (not the lanes: a user's compiler flags must not reach them), the program, and a package for find_package(rectify).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
install(TARGETS rectify EXPORT rectifyTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY rectify/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/rectify
        FILES_MATCHING PATTERN "*.h" PATTERN "catalogue.inc" PATTERN "units.inc"
        PATTERN "functions" EXCLUDE PATTERN "blocks.h" EXCLUDE PATTERN "jet.h" EXCLUDE PATTERN "lanes*.h" EXCLUDE PATTERN "*-inl.h" EXCLUDE
        PATTERN "ball.h" EXCLUDE PATTERN "real.h" EXCLUDE PATTERN "series.h" EXCLUDE PATTERN "evaluator.h" EXCLUDE PATTERN "wide_number.h" EXCLUDE
        PATTERN "json_field.h" EXCLUDE PATTERN "watch_log_json.h" EXCLUDE)
install(EXPORT rectifyTargets NAMESPACE rectify:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/rectify)
configure_package_config_file(cmake/rectifyConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/rectifyConfig.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/rectify)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/rectifyConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/rectifyConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/rectifyConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/rectify)
if(RECTIFY_BUILD_CLI)
  install(TARGETS rectify_program DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
