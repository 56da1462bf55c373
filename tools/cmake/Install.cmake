# cmake --install: the tools, the headers (written and generated), the libraries of the compiler's levels and of the
# hardware below them, and the package that find_package(hybridc) finds. What reads ONNX stays inside of the tools: it
# links a copy of ONNX that nobody else may see.
include(CMakePackageConfigHelpers)

set(HYBRIDC_INSTALLED
    hybridc-mlir HybridCPlanner HybridCSupport HybridCChip HybridCStream HybridCKernels HybridCDevices HybridCThermal HybridCClock
    HybridCExecutor HybridCElementTypes HybridCHyb HybridCHybTransforms HybridCTile HybridCTileTransforms HybridCCmd
    HybridCCheck HybridCHybToTile HybridCTileToCmd HybridCEmit HybridCInitAll)
install(TARGETS ${HYBRIDC_INSTALLED} EXPORT hybridcTargets ARCHIVE DESTINATION lib INCLUDES DESTINATION include)
install(EXPORT hybridcTargets NAMESPACE hybridc:: DESTINATION lib/cmake/hybridc)
install(TARGETS hybridc hybrid-opt hybrid-run hybrid-reduce hybrid-lsp-server RUNTIME DESTINATION bin)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/hybridc ${CMAKE_BINARY_DIR}/include/hybridc DESTINATION include
  FILES_MATCHING PATTERN "*.h" PATTERN "*.td" PATTERN "*.inc" PATTERN "CMakeFiles" EXCLUDE)

configure_package_config_file(${CMAKE_SOURCE_DIR}/tools/cmake/hybridcConfig.cmake.in
  ${CMAKE_BINARY_DIR}/hybridcConfig.cmake INSTALL_DESTINATION lib/cmake/hybridc)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/hybridcConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/hybridcConfig.cmake ${CMAKE_BINARY_DIR}/hybridcConfigVersion.cmake
  DESTINATION lib/cmake/hybridc)
