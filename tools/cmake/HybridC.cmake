# How the project's own libraries and tools are declared.

find_package(fmt REQUIRED)
find_package(Threads REQUIRED)

# GCC 12 sees overlaps and overflows in std::string's own code (PR 105651).
set(HYBRIDC_WARNINGS -Wall -Wextra -Werror -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds
    -Wno-maybe-uninitialized)
set(HYBRIDC_SANITIZE OFF CACHE STRING "OFF, address (AddressSanitizer and UBSan) or thread (ThreadSanitizer)")
if(HYBRIDC_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=undefined
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined -fno-sanitize=vptr)
elseif(HYBRIDC_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
  # ThreadSanitizer does not see GCC's OpenMP runtime wait and wake; LLVM's tells it (tools/dev loads libarcher.so),
  # and has GCC's entry points under GCC's name. For oneDNN as well: the first libgomp.so.1 loaded is the only one.
  find_file(HYBRIDC_ARCHER libarcher.so PATHS /usr/lib/llvm-22/lib NO_DEFAULT_PATH REQUIRED
    DOC "What tells ThreadSanitizer of OpenMP's barriers (libomp-22-dev)")
  get_filename_component(archerDir ${HYBRIDC_ARCHER} DIRECTORY)
  set(CMAKE_BUILD_RPATH ${archerDir})
elseif(HYBRIDC_SANITIZE)
  message(FATAL_ERROR "HYBRIDC_SANITIZE is ${HYBRIDC_SANITIZE}: OFF, address or thread")
endif()

# hybridc_library(<name> SOURCES … LINK …): one static library, warnings as
# errors. Sources default to every .cpp of the folder and one folder below.
function(hybridc_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  if(NOT ARG_SOURCES)
    file(GLOB ARG_SOURCES CONFIGURE_DEPENDS *.cpp */*.cpp)
  endif()
  if(NOT ARG_SOURCES)
    # A room that is still empty.
    file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/empty.cpp "")
    set(ARG_SOURCES ${CMAKE_CURRENT_BINARY_DIR}/empty.cpp)
  endif()
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>)
  # Generated headers are not ours to keep free of warnings.
  target_include_directories(${name} SYSTEM PUBLIC $<BUILD_INTERFACE:${CMAKE_BINARY_DIR}/include>)
  target_compile_options(${name} PRIVATE ${HYBRIDC_WARNINGS})
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
endfunction()

find_package(OpenMP REQUIRED)
# hybridc_numeric_library(<name> LINK …): a library whose numbers are the same
# on every machine, and whose loops are parallel.
function(hybridc_numeric_library name)
  hybridc_library(${name} ${ARGN})
  # Private, or everything that links the library would be compiled with OpenMP.
  target_link_libraries(${name} PRIVATE OpenMP::OpenMP_CXX)
  # No contraction to fused multiply-adds. The other two let comparisons and
  # roots be vectorised; neither changes values.
  target_compile_options(${name} PRIVATE
    -ffp-contract=off -fno-math-errno -fno-trapping-math
    $<$<NOT:$<CONFIG:Debug>>:-O3>)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    # Of the clones for AVX-512: whole registers.
    target_compile_options(${name} PRIVATE -mprefer-vector-width=512)
  endif()
endfunction()

# MLIR is linked as the two shared libraries and nothing static beside them,
# so that plug-ins load into the tools without a second copy of its globals.
# find_package(MLIR) would bring in the static targets, hence by hand.
find_program(LLVM_CONFIG NAMES llvm-config-22 REQUIRED)
execute_process(COMMAND ${LLVM_CONFIG} --includedir OUTPUT_VARIABLE LLVM_INCLUDE OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND ${LLVM_CONFIG} --libdir OUTPUT_VARIABLE LLVM_LIBDIR OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND ${LLVM_CONFIG} --bindir OUTPUT_VARIABLE LLVM_BINDIR OUTPUT_STRIP_TRAILING_WHITESPACE)
find_program(MLIR_TBLGEN NAMES mlir-tblgen mlir-tblgen-22 HINTS ${LLVM_BINDIR} REQUIRED)
add_library(hybridc-mlir INTERFACE)
target_include_directories(hybridc-mlir SYSTEM INTERFACE ${LLVM_INCLUDE})
target_link_directories(hybridc-mlir INTERFACE ${LLVM_LIBDIR})
target_link_libraries(hybridc-mlir INTERFACE MLIR LLVM-22)

# One precompiled header for all that includes MLIR.
set(HYBRIDC_PCH ${CMAKE_SOURCE_DIR}/lib/Support/MlirPch.h)

# hybridc_mlir_library(<name> SOURCES … LINK … DEPENDS …)
function(hybridc_mlir_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;DEPENDS" ${ARGN})
  hybridc_library(${name} SOURCES ${ARG_SOURCES} LINK hybridc-mlir HybridCSupport ${ARG_LINK})
  if(NOT TARGET HybridCPch)
    file(WRITE ${CMAKE_BINARY_DIR}/pch.cpp "")
    add_library(HybridCPch OBJECT ${CMAKE_BINARY_DIR}/pch.cpp)
    target_link_libraries(HybridCPch PUBLIC hybridc-mlir)
    target_compile_options(HybridCPch PRIVATE ${HYBRIDC_WARNINGS})
    target_precompile_headers(HybridCPch PRIVATE ${HYBRIDC_PCH})
  endif()
  target_precompile_headers(${name} REUSE_FROM HybridCPch)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# hybridc_tablegen(<target> <td> <out> <generator args…> …): one file of
# mlir-tblgen; sets <target>_outputs. Separate generators by "--".
function(hybridc_tablegen target td)
  set(outputs)
  set(file)
  set(args)
  foreach(word ${ARGN} --)
    if(word STREQUAL "--")
      set(out ${CMAKE_CURRENT_BINARY_DIR}/${file})
      add_custom_command(OUTPUT ${out}
        COMMAND ${MLIR_TBLGEN} ${args} -I ${CMAKE_SOURCE_DIR}/include -I ${LLVM_INCLUDE}
                ${CMAKE_CURRENT_SOURCE_DIR}/${td} -o ${out} -d ${out}.d
        DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${td} DEPFILE ${out}.d VERBATIM)
      list(APPEND outputs ${out})
      set(file)
      set(args)
    elseif(NOT file)
      set(file ${word})
    else()
      list(APPEND args ${word})
    endif()
  endforeach()
  add_custom_target(${target} DEPENDS ${outputs})
endfunction()

# The usual files of a dialect whose ops are in <Name>Ops.td.
function(hybridc_tablegen_dialect Name name)
  hybridc_tablegen(HybridC${Name}IncGen ${Name}Ops.td
    ${Name}Dialect.h.inc -gen-dialect-decls -dialect=${name} --
    ${Name}Dialect.cpp.inc -gen-dialect-defs -dialect=${name} --
    ${Name}Enums.h.inc -gen-enum-decls --
    ${Name}Enums.cpp.inc -gen-enum-defs --
    ${Name}Attrs.h.inc -gen-attrdef-decls -attrdefs-dialect=${name} --
    ${Name}Attrs.cpp.inc -gen-attrdef-defs -attrdefs-dialect=${name} --
    ${Name}Types.h.inc -gen-typedef-decls -typedefs-dialect=${name} --
    ${Name}Types.cpp.inc -gen-typedef-defs -typedefs-dialect=${name} --
    ${Name}Ops.h.inc -gen-op-decls --
    ${Name}Ops.cpp.inc -gen-op-defs)
endfunction()
