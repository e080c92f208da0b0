// Tables of sixteen numbers, as many as two registers hold, for exponentials and logarithms on float64 lanes.
#pragma once

#include <cstdint>

namespace rectify::activation {

/// The bits of 2^(j/16), less j << 48: adding (16 n + j) << 48 gives those of 2^(n + j/16). Coefficients: blocks.sollya.
alignas(64) inline constexpr uint64_t sixteenth_powers[16] = {
    0x3FF0000000000000u, 0x3FEFB5586CF9890Fu, 0x3FEF72B83C7D517Bu, 0x3FEF387A6E756238u,
    0x3FEF06FE0A31B715u, 0x3FEEDEA64C123422u, 0x3FEEBFDAD5362A27u, 0x3FEEAB07DD485429u,
    0x3FEEA09E667F3BCDu, 0x3FEEA11473EB0187u, 0x3FEEACE5422AA0DBu, 0x3FEEC49182A3F090u,
    0x3FEEE89F995AD3ADu, 0x3FEF199BDD85529Cu, 0x3FEF5818DCFBA487u, 0x3FEFA4AFA2A490DAu};

/// The float64 nearest 1/(1 + j/15), and minus its logarithm. From blocks.sollya.
alignas(64) inline constexpr double fifteenth_reciprocals[16] = {
    0x1p0, 0x1.ep-1, 0x1.c3c3c3c3c3c3cp-1, 0x1.aaaaaaaaaaaabp-1,
    0x1.9435e50d79436p-1, 0x1.8p-1, 0x1.6db6db6db6db7p-1, 0x1.5d1745d1745d1p-1,
    0x1.4de9bd37a6f4ep-1, 0x1.4p-1, 0x1.3333333333333p-1, 0x1.2762762762762p-1,
    0x1.1c71c71c71c72p-1, 0x1.1249249249249p-1, 0x1.08d3dcb08d3ddp-1, 0x1p-1};
alignas(64) inline constexpr double fifteenth_logarithms[16] = {
    0, 0x1.08598b59e3a07p-4, 0x1.005588ad375aep-3, 0x1.7565011e49675p-3,
    0x1.e41fccb76b0d7p-3, 0x1.269621134db92p-2, 0x1.588c2d913348fp-2, 0x1.882f1ef83ed45p-2,
    0x1.b5b3e24235e88p-2, 0x1.e148a1a2726cep-2, 0x1.058aefa811452p-1, 0x1.199fac68b4ab8p-1,
    0x1.2cf25fad8f1c3p-1, 0x1.3f91275240811p-1, 0x1.5188a4a02d7fep-1, 0x1.62e42fefa39efp-1};

}  // namespace rectify::activation
