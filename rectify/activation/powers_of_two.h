// 2^(j/16) for j = 0 .. 15, for exponentials on float64 lanes.
#pragma once

#include <cstdint>

namespace rectify::activation {

/// The bits of 2^(j/16), less j << 48: adding (16 n + j) << 48 gives those of 2^(n + j/16). Coefficients: blocks.sollya.
alignas(64) inline constexpr uint64_t sixteenth_powers[16] = {
    0x3FF0000000000000u, 0x3FEFB5586CF9890Fu, 0x3FEF72B83C7D517Bu, 0x3FEF387A6E756238u,
    0x3FEF06FE0A31B715u, 0x3FEEDEA64C123422u, 0x3FEEBFDAD5362A27u, 0x3FEEAB07DD485429u,
    0x3FEEA09E667F3BCDu, 0x3FEEA11473EB0187u, 0x3FEEACE5422AA0DBu, 0x3FEEC49182A3F090u,
    0x3FEEE89F995AD3ADu, 0x3FEF199BDD85529Cu, 0x3FEF5818DCFBA487u, 0x3FEFA4AFA2A490DAu};

}  // namespace rectify::activation
