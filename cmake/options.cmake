# How every target of the project is compiled. The bits of a result depend on it: no contraction, no fast-math, no -march (Highway dispatches at run time).
add_library(rectify_options INTERFACE)
target_compile_options(rectify_options INTERFACE -ffp-contract=off -Wall -Wextra -Wpedantic -Wshadow)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 warns of overlaps in std::string's operator+ that cannot happen (its bug 105329).
  target_compile_options(rectify_options INTERFACE -Wno-restrict)
endif()
if(RECTIFY_SANITIZE)
  target_compile_options(rectify_options INTERFACE -fsanitize=${RECTIFY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if(RECTIFY_SANITIZE MATCHES "undefined")
    # They double the time to compile. AddressSanitizer sees bad pointers and sizes itself, warnings see missing returns; the fuzzers check everything.
    target_compile_options(rectify_options INTERFACE -fno-sanitize=null,object-size,alignment,vptr,return)
  endif()
  target_link_options(rectify_options INTERFACE -fsanitize=${RECTIFY_SANITIZE})
endif()
