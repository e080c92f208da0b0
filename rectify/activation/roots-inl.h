// Slopes and curvatures near their zeros, where the formula's terms cancel: a Taylor polynomial about the zero, which is kept in two parts.
// Textual: included inside a namespace after blocks.h. No include guard. Tables: roots.py.
struct Root {
  double high, low;
  double coefficients[14];
  double radius = 0x1p-3;  ///< how far the polynomial is good to 2^-53
};

/// `otherwise`, but near the root the polynomial: relative error 2^-51 right up to the zero. z is the argument, a number or a pair.
/// float32's lanes leave the formula only within 2^-6, where it has lost six bits; float64's within the radius.
template <class X, class V>
RECTIFY_INLINE V near_root(const Root& root, X z, V otherwise) {
  if constexpr (V::twofold) return otherwise;  // has bits to lose
  const V apart = high_of(z) - root.high;
  const auto near = abs(apart) < (V::narrow ? 0x1p-6 : root.radius);
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

/// -1.1930599689281879662
inline constexpr Root serf_slope_root = {
    -0x1.316c60ccb69dbp+0, 0x1.1d9ecd0f85993p-55,
    {0x1.34bdb29d97b36p-2, 0x1.da577f6c75892p-3, 0x1.857e8a8303fb9p-5, -0x1.7e4ec0f21ae43p-6, -0x1.32985cfc85e04p-6,
     -0x1.28850b62918b7p-8, 0x1.c90510bd10426p-11, 0x1.12c41477b1844p-10, 0x1.5c3c306944606p-12, -0x1.428b3e7e9fcc2p-20,
     -0x1.762b8a30c0347p-15, -0x1.33ed4a345f071p-16, -0x1.fb5a25f67be5dp-20, 0x1.8f069e9d66a4dp-20}};

/// -2.2564974802739742449
inline constexpr Root serf_curvature_left_root = {
    -0x1.20d4e8d0a43d7p+1, 0x1.c512d53a2f475p-54,
    {0x1.f6c82f780fb8ap-4, 0x1.c9e57ab715f38p-4, 0x1.5a83c6657b6e4p-5, 0x1.ffd0a8fbcda8ap-9, -0x1.192a5ca36cd54p-8,
     -0x1.6ca5831e71d27p-9, -0x1.d9e0413f7da6fp-11, -0x1.1777219f010b3p-13, 0x1.24af17943ee5cp-15, 0x1.0a094bdf52182p-15,
     0x1.89579388f726cp-17, 0x1.3aa8b5a9ba9b0p-19, -0x1.2d9478be3d137p-24, -0x1.17b164733e010p-22}};

/// 1.0960460404526292402
inline constexpr Root serf_curvature_right_root = {
    0x1.1896792aa7829p+0, -0x1.798d237de626dp-54,
    {-0x1.e8379be0522f1p-2, 0x1.37a180f32cab2p-1, 0x1.95c50543a8b3fp-4, -0x1.b1870a3f42dd7p-2, 0x1.5dcc4877850aep-5,
     0x1.572942611bfdep-3, -0x1.0f23b925ed521p-5, -0x1.97ed4c7f34dc0p-5, 0x1.92cdea370649fp-7, 0x1.91eeda08f9f5ap-7,
     -0x1.b9076997faefcp-9, -0x1.57e2e6716fcd4p-9, 0x1.8fc22bc870fb9p-11, 0x1.0623723636e5cp-11}, 0x1p-4};

/// -1.3724541370256921111
inline constexpr Root logish_slope_root = {
    -0x1.5f592781c9063p+0, 0x1.67550801af0a8p-54,
    {0x1.77a21c898b59fp-3, 0x1.bd267d771edb8p-4, 0x1.9d4c9b15c36a5p-9, -0x1.eb4f4e73487e2p-7, -0x1.e2554fa3fa6c0p-9,
     0x1.1e70fec5edd30p-10, 0x1.53c5cd125234bp-11, 0x1.5faed089bd031p-19, -0x1.24ab3be1c0367p-14, -0x1.b8baa7911ffeap-17,
     0x1.4292ad5fa7c3fp-18, 0x1.23721a9845856p-19, -0x1.a9929a0ff2a0ap-24, -0x1.e8ec02866dfa3p-23}};

/// -2.5334480688920654201
inline constexpr Root logish_curvature_left_root = {
    -0x1.444806bd00bd4p+1, -0x1.02815aaff8c97p-53,
    {0x1.47fbf83132456p-4, 0x1.01e03ec5cd3a2p-4, 0x1.e2543e0b6f007p-7, -0x1.1912885f1ef90p-8, -0x1.fc2704c16dc87p-9,
     -0x1.f2e4d23d031eap-11, 0x1.9d22a884957e5p-14, 0x1.2268317e1e13ap-13, 0x1.3eadabae1007ep-15, -0x1.9e0a4d097d4a3p-21,
     -0x1.046f1f3ed94bfp-18, -0x1.41a50ebe9075ep-20, -0x1.2ca1812bba040p-25, 0x1.980040a6f077dp-24}};

/// 2.3167585149953630805
inline constexpr Root logish_curvature_right_root = {
    0x1.288b8b03513aep+1, 0x1.ad868ad16551fp-53,
    {-0x1.9510d2a559f4dp-5, 0x1.5d0ae0d99a8c3p-5, -0x1.cff30a4eaf7ebp-7, 0x1.4e8e452e219bcp-12, 0x1.af23ca52ec460p-10,
     -0x1.756a32bba65dep-11, 0x1.df4d6bc6ce6b3p-14, 0x1.8fda60206603ap-16, -0x1.414ca3e757630p-16, 0x1.4a369a02364bcp-18,
     -0x1.5c81df6b0cffep-23, -0x1.6f5d899fb4b18p-22, 0x1.1ad99f9501eefp-23, -0x1.3ffa8dcbdb093p-26}};

/// -1.0788600584646240567
inline constexpr Root tanh_exp_slope_root = {
    -0x1.14302c3c10f30p+0, -0x1.b8c761c7b1289p-54,
    {0x1.68f6b660942b4p-2, 0x1.4d0848bbb42d2p-2, 0x1.b9cbc0b27eec1p-4, -0x1.76ccc7f75d22ep-6, -0x1.75ed50eb6a649p-5,
     -0x1.a1972d506d2b2p-6, -0x1.70f433c7c74bap-8, 0x1.6b4739aae7342p-9, 0x1.bdae46c4aa443p-9, 0x1.b4407e9585bf4p-10,
     0x1.3cfb94822219dp-12, -0x1.a75d380d7788fp-13, -0x1.bc6a8ec2730e1p-13, -0x1.92ccb9469151dp-14}, 0x1p-4};

/// -2.0659718961567498441
inline constexpr Root tanh_exp_curvature_left_root = {
    -0x1.0871c46039638p+1, 0x1.6137baaf8cfe7p-54,
    {0x1.18b5b425c4e5ap-3, 0x1.20ae973d05418p-3, 0x1.2132d6dff7668p-4, 0x1.44f66e5a91539p-6, 0x1.c69336e76f06bp-13,
     -0x1.d3f65c13553ebp-9, -0x1.52cae04f16056p-9, -0x1.382e148a2022fp-10, -0x1.93068956e0f92p-12, -0x1.127fba1092f2ap-14,
     0x1.27dc897498e02p-16, 0x1.70680ccba8beap-16, 0x1.8ab8af85cecb9p-17, 0x1.26946853bf2cfp-18}};

/// 0.69656396039517238403
inline constexpr Root tanh_exp_curvature_right_root = {
    0x1.64a4080af062fp-1, -0x1.bdab9a3b0a7eep-55,
    {-0x1.aaea43e283bd4p-1, 0x1.9be7c8f57e59ep+0, 0x1.8762912042373p-2, -0x1.2bd96c7e77a2dp+1, 0x1.aea505df961a8p-3,
     0x1.f50f0a5e5a228p+0, -0x1.bd02b6bc45f06p-2, -0x1.2c0ac61a11bf1p+0, 0x1.b51e2b61162b1p-2, 0x1.0f3cb1c953fd3p-1,
     -0x1.5b3463d2a8326p-2, -0x1.68eebe7f9e501p-3, 0x1.dbb3e0d67875ep-3, 0x1.09e1fbd4f6287p-5}, 0x1p-5};

/// -0.88137358701954302523
inline constexpr Root elish_slope_root = {
    -0x1.c34366179d427p-1, 0x1.9f270661722dbp-56,
    {0x1.f0ed99bed9b2ep-3, 0x1.0789332093269p-2, 0x1.c8bc89111e3a7p-4, 0x1.2d6ffd16fe071p-6, -0x1.2c056c0d0feddp-9,
     -0x1.67a99e8662743p-11, 0x1.26be7f818ff13p-11, 0x1.0845bdd038f3dp-12, -0x1.6830f6ce33dbfp-17, -0x1.f40321b77e458p-16,
     -0x1.101debbc23238p-18, 0x1.5bfbd07de91bap-19, 0x1.e74fe3a34a80fp-21, -0x1.0171f0e85669cp-23}};

/// -1.7175297959782470947
inline constexpr Root elish_curvature_root = {
    -0x1.b7b0085fa1d2ep+0, 0x1.75ac0f93fc35cp-54,
    {0x1.f09099cf367a6p-4, 0x1.1c9c5793ab8aep-3, 0x1.1458e388d8f1ap-4, 0x1.ac7ed4bc85516p-7, -0x1.4f47f74ee92f6p-9,
     -0x1.0841ee2a3dff9p-9, -0x1.a954bead619a1p-13, 0x1.b58a781861eb4p-13, 0x1.91bdfa38df7f9p-14, 0x1.ebc979f3d1ceep-18,
     -0x1.14383ef27222ap-17, -0x1.c29cc99ce4efep-19, -0x1.73f38e3f6cbc4p-23, 0x1.39e6845850241p-22}};

/// -1.1996786402577338339
inline constexpr Root lisht_curvature_root = {
    -0x1.331e23ad9de11p+0, -0x1.a9c55ef03c74ap-54,
    {0x1.76e8b4eb0ea41p-1, 0x1.388203715b23ep+0, 0x1.706e66bf3603bp-1, -0x1.e178d8d2391d6p-4, -0x1.fa4e9f742fa77p-2,
     -0x1.662f848d6c11cp-2, -0x1.e2e4a6611bf4bp-5, 0x1.94804c550c0fcp-4, 0x1.8e0bb1b9411e3p-4, 0x1.1af1925d34d7ep-5,
     -0x1.4e83911395334p-7, -0x1.3f8fd2d4427b6p-6, -0x1.51a7765845eb5p-7, -0x1.544dd16469785p-11}, 0x1p-4};
