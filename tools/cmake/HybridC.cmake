# How the project's own libraries and tools are declared.

find_package(fmt REQUIRED)
find_package(Threads REQUIRED)

option(HYBRIDC_SANITIZE "AddressSanitizer and UBSan" OFF)
if(HYBRIDC_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=undefined
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined -fno-sanitize=vptr)
endif()

# hybridc_library(<name> SOURCES … LINK …): one static library, warnings as
# errors. Sources default to every .cpp of the folder and one folder below.
function(hybridc_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  if(NOT ARG_SOURCES)
    file(GLOB ARG_SOURCES CONFIGURE_DEPENDS *.cpp */*.cpp)
  endif()
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR}/include ${CMAKE_BINARY_DIR}/include)
  target_compile_options(${name} PRIVATE -Wall -Wextra -Werror)
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
endfunction()
