// Every operator of the lanes and jets has to disappear into the loop that uses it: a call would spill vectors to memory.
#pragma once

#include "rectify/activation/tables_of_sixteen.h"

#define RECTIFY_INLINE inline __attribute__((always_inline))
