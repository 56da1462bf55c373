# Finds the ONNX C++ library that tools/cmake/build-onnx.sh keeps in the user's cache.
#
#   find_package(HybridcOnnx REQUIRED)
#   target_link_libraries(<target> PRIVATE hybridc::onnx)
#
# hybridc::onnx carries the include directory, ONNX_NAMESPACE=hybridc_onnx, ONNX_ML=1 and protobuf. Set
# HYBRIDC_ONNX_ROOT to a prefix to use another build of the same version and namespace.
# ONNX reports errors by exceptions: code that calls it is compiled with -fexceptions and catches at its border.

if(NOT HYBRIDC_ONNX_ROOT)
  execute_process(
    COMMAND "${CMAKE_CURRENT_LIST_DIR}/build-onnx.sh" --prefix
    OUTPUT_VARIABLE _onnxPrefix OUTPUT_STRIP_TRAILING_WHITESPACE
    COMMAND_ERROR_IS_FATAL ANY)
else()
  set(_onnxPrefix "${HYBRIDC_ONNX_ROOT}")
endif()

# Not cached: a changed recipe must be seen by the next configuration.
set(HybridcOnnx_LIBRARY "${_onnxPrefix}/lib/libonnx.a")
set(HybridcOnnx_INCLUDE_DIR "${_onnxPrefix}/include")
if(NOT EXISTS "${HybridcOnnx_LIBRARY}")
  unset(HybridcOnnx_LIBRARY)
endif()

find_package(Protobuf QUIET)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(HybridcOnnx
  REQUIRED_VARS HybridcOnnx_LIBRARY HybridcOnnx_INCLUDE_DIR Protobuf_FOUND
  REASON_FAILURE_MESSAGE "run `tools/dev setup`, which builds it into the user's cache (or tools/cmake/build-onnx.sh alone)")

if(HybridcOnnx_FOUND AND NOT TARGET hybridc::onnx)
  # libonnx.a already holds the objects of libonnx_proto.a; linking both would define every message twice.
  add_library(hybridc::onnx STATIC IMPORTED)
  set_target_properties(hybridc::onnx PROPERTIES
    IMPORTED_LOCATION "${HybridcOnnx_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${HybridcOnnx_INCLUDE_DIR}"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${HybridcOnnx_INCLUDE_DIR}"
    INTERFACE_COMPILE_DEFINITIONS "ONNX_NAMESPACE=hybridc_onnx;ONNX_ML=1"
    INTERFACE_LINK_LIBRARIES protobuf::libprotobuf)
endif()
