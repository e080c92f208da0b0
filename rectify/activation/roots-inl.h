// Slopes and curvatures near their zeros, where the formula's terms cancel: a Taylor polynomial about the zero, which is kept in two parts.
// Textual: included inside a namespace after blocks.h. No include guard. Tables: roots.py.
struct Root {
  double high, low;
  double coefficients[14];
};

/// `otherwise`, but near the root the polynomial: relative error 2^-51 right up to the zero. z is the argument, a number or a pair.
/// float32's lanes leave the formula only within 2^-6, where it has lost six bits; float64's within 2^-3.
template <class X, class V>
RECTIFY_INLINE V near_root(const Root& root, X z, V otherwise) {
  if constexpr (V::twofold) return otherwise;  // has bits to lose
  const V apart = high_of(z) - root.high;
  const auto near = abs(apart) < (V::narrow ? 0x1p-6 : 0x1p-3);
  if (!any(near)) [[likely]] return otherwise;
  if constexpr (V::precise) {
    const Pair<V> distance = (Pair<V>(z) - root.high) - root.low;
    const Pair<V> quotient = root.coefficients[0] + distance * polynomial<13>(distance.high, root.coefficients + 1);
    return select(near, rounded(distance * quotient), otherwise);
  } else {
    V distance = apart - root.low;
    if constexpr (!std::is_same_v<X, V>) distance = apart + (z.low - root.low);
    return select(near, distance * polynomial<9>(distance, root.coefficients), otherwise);
  }
}

/// -1.2784645427610737951
inline constexpr Root silu_slope_root = {
    -0x1.474973c84120bp+0, -0x1.f8d74bc9ac154p-54,
    {0x1.be1410460527fp-3, 0x1.2c563458cc0adp-3, 0x1.353eb573ca457p-6, -0x1.f2d0e32bc2994p-7, -0x1.b0f82c498fd2fp-8,
     0x1.098e92b8f076dp-13, 0x1.a2a7caf0ee747p-11, 0x1.8574d136d4cb4p-13, -0x1.57238dca12615p-15, -0x1.f2d8976600f6fp-16,
     -0x1.8af40fd30a2bcp-19, 0x1.3ae0f751df483p-19, 0x1.cdb14ef8f6491p-21, -0x1.061994e63271cp-25}};

/// -2.3993572805154676678
inline constexpr Root silu_curvature_root = {
    -0x1.331e23ad9de11p+1, -0x1.a9c55ef03c74ap-53,
    {0x1.76e8b4eb0ea41p-4, 0x1.388203715b23ep-4, 0x1.706e66bf3603bp-6, -0x1.e178d8d2391d6p-10, -0x1.fa4e9f742fa77p-9,
     -0x1.662f848d6c11cp-10, -0x1.e2e4a6611bf4bp-14, 0x1.94804c550c0fcp-14, 0x1.8e0bb1b9411e3p-15, 0x1.1af1925d34d7ep-17,
     -0x1.4e83911395334p-20, -0x1.3f8fd2d4427b6p-20, -0x1.51a7765845eb5p-22, -0x1.544dd16469785p-27}};

/// -0.75179152469356445746
inline constexpr Root gelu_slope_root = {
    -0x1.80ead197f00b4p-1, 0x1.13e74c58cada8p-56,
    {0x1.b9d98fa5a3215p-2, 0x1.8d9a941de3ac5p-2, -0x1.2a2ef9bb865aep-6, -0x1.d2fa4c17c7e84p-4, -0x1.e4088244f901dp-7,
     0x1.3e346def42057p-6, 0x1.297b9d6ffaacdp-8, -0x1.258a6d85633afp-9, -0x1.8680f74e6b6bap-11, 0x1.86c863b66083cp-13,
     0x1.69610924deba8p-14, -0x1.784acad4b941ep-17, -0x1.03fec69bdd554p-17, 0x1.d0c38b7a117ccp-22}};

/// -0.75246142207101625849
inline constexpr Root gelu_tanh_slope_root = {
    -0x1.81429f9e97e4dp-1, 0x1.4f523ed77dbdcp-55,
    {0x1.b8bacd2c96b91p-2, 0x1.8cd1a2b2fff33p-2, -0x1.029615edb077ap-6, -0x1.d2b77346470abp-4, -0x1.104a83edc0ddcp-6,
     0x1.427996dc249cep-6, 0x1.58c9ed713486cp-8, -0x1.3d8d64170bb72p-9, -0x1.e63f294331885p-11, 0x1.14bf895a69517p-12,
     0x1.04936f0ef73dbp-13, -0x1.253bce9ecae48p-15, -0x1.0b9c949575db9p-16, 0x1.8d30f995eee7cp-18}};

/// -1.4185040087908283555
inline constexpr Root gelu_tanh_curvature_root = {
    -0x1.6b23142700629p+0, -0x1.750d2fad2c04bp-54,
    {0x1.a360c3e39b758p-2, 0x1.ba73788e0f42ep-2, 0x1.0bae229791eaap-7, -0x1.49ec14523aa05p-3, -0x1.d0e682b09898dp-5,
     0x1.4842653d453b1p-6, 0x1.11cd249c34d3cp-6, 0x1.9022fc3a97577p-11, -0x1.5a7bd658bbef1p-9, -0x1.89f5e54488091p-11,
     0x1.1273a4c11227dp-12, 0x1.718457f626c8cp-13, -0x1.9bf9264e97e8ep-18, -0x1.e9ab3d429bb7ap-16}};

/// -1.1924312145154952121
inline constexpr Root mish_slope_root = {
    -0x1.31432c0d12d84p+0, -0x1.bf319154da210p-55,
    {0x1.115acb42500bbp-2, 0x1.a34a251d8ad7bp-3, 0x1.574f121a868dbp-5, -0x1.4c222fe64d4fbp-6, -0x1.03369d4ac90fap-6,
     -0x1.b87ddfb51b745p-9, 0x1.1e5e184a0fe00p-10, 0x1.03799182b217fp-10, 0x1.0a7954e868670p-12, -0x1.5fffa067220abp-15,
     -0x1.d453aef9813d0p-15, -0x1.223bcd6871175p-16, 0x1.fa20aae0364c5p-21, 0x1.866a4abf08ed3p-19}};

/// -2.25637639636079312
inline constexpr Root mish_curvature_left_root = {
    -0x1.20d0f116eb001p+1, -0x1.ed98c925498a2p-54,
    {0x1.bd7543d635e3fp-4, 0x1.956e15ad4977cp-4, 0x1.321192f866b01p-5, 0x1.b79f54f639c0dp-9, -0x1.fa00ae6565a08p-9,
     -0x1.451146d7c7c26p-9, -0x1.9fa64b5d84113p-11, -0x1.ba0303a55dc65p-14, 0x1.4dba0d414b9b4p-15, 0x1.0e6fa51038bd6p-15,
     0x1.86c9cde32cec6p-17, 0x1.26e828ed46da8p-19, -0x1.9b97ea0ba2a2ep-23, -0x1.611e9f7f2eda8p-22}};

/// 1.4905711794854284593
inline constexpr Root mish_curvature_right_root = {
    0x1.7d9612a440040p+0, 0x1.48a1647177d43p-54,
    {-0x1.d8765d356c1afp-3, 0x1.2005f89b94e15p-2, -0x1.467b383afa813p-4, -0x1.11016a32bec52p-4, 0x1.eb6dcd56f7729p-5,
     -0x1.24b1188ea3f55p-7, -0x1.79fcae5ae4ba7p-7, 0x1.caeea1614b2fcp-8, -0x1.1990c81d8054bp-12, -0x1.6f584cc4a3af0p-10,
     0x1.3ee8a1b2735a0p-11, 0x1.809ebdda7f117p-15, -0x1.1fada05c82d53p-13, 0x1.6c4ee88d1ae24p-15}};
