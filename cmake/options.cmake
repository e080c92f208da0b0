# How every target of the project is compiled. The bits of a result depend on it: no contraction, no fast-math, no -march (Highway dispatches at run time).
add_library(rectify_options INTERFACE)
target_compile_options(rectify_options INTERFACE -ffp-contract=off -Wall -Wextra -Wpedantic -Wshadow)
if(RECTIFY_SANITIZE)
  target_compile_options(rectify_options INTERFACE -fsanitize=${RECTIFY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(rectify_options INTERFACE -fsanitize=${RECTIFY_SANITIZE})
endif()
