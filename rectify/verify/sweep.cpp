#include "rectify/verify/sweep.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <limits>
#include <mutex>

#include "rectify/activation/limits.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/pointwise.h"
#include "rectify/verify/oracle.h"
#include "rectify/verify/sweep_inputs.h"

namespace rectify::verify {
namespace {

constexpr uint64_t chunk = 1 << 15;
static_assert(chunk % Filter::block == 0);

template <class T>
constexpr const char* dtype_name = "float32";
template <>
constexpr const char* dtype_name<double> = "float64";
template <>
constexpr const char* dtype_name<Float16> = "float16";
template <>
constexpr const char* dtype_name<BFloat16> = "bfloat16";

/// The correct rounding of a value to T, given as bits, by its correct rounding to float32: another one unless that is a tie of T, all of which float32 has.
template <class T>
uint32_t rounded_again(uint32_t settled) {
  if ((settled & 0x7fffffffu) > 0x7f800000u) return settled;  // a mark of the filter
  if constexpr (sizeof(T) == 4) return settled;
  const double y = static_cast<double>(std::bit_cast<float>(settled));
  const T below(y * (1 - 0x1p-30)), above(y * (1 + 0x1p-30));
  return std::bit_cast<Bits<T>>(below) == std::bit_cast<Bits<T>>(above) ? std::bit_cast<Bits<T>>(above) : Filter::in_doubt;
}

bool has_default_parameters(const activation::Function& function) { return function == activation::make(function.id); }

/// Misrounded results whose error is computed to many digits; a kernel that is wrong everywhere needs no more of them.
constexpr uint64_t measured_errors = 1 << 16;

template <class T>
class Sweep {
 public:
  Sweep(const activation::Function& function, int derivative, const Kernel<T>& kernel, const SweepOptions& options)
      : kernel_(kernel), options_(options), inputs_(options.inputs), oracle_(function, derivative) {
    result_.activation = to_string(function);
    result_.derivative = derivative;
    result_.dtype = dtype_name<T>;
    result_.allowed_error = sizeof(T) == 8 ? 2 : has_default_parameters(function) ? 0.5 : 0.5000001;
    for (const bool positive : {false, true}) {
      const double limit = activation::limit(function, {derivative, 0, 0}, positive);
      limit_[positive] = static_cast<T>(limit);
      underflow_[positive] = limit == 0 ? std::bit_cast<Bits<T>>(limit_[positive]) : Filter::open_zero;
    }
  }

  SweepResult run() {
    const auto start = std::chrono::steady_clock::now();
    const uint64_t size = inputs_.size();
    // Batches of a fraction of a second, between which the caller is asked and told.
    const uint64_t batch = std::max<uint64_t>(chunk, (sizeof(T) <= 4 ? uint64_t{1} << 23 : uint64_t{1} << 17));
    for (uint64_t begin = 0; begin < size; begin += batch) {
      if (options_.interrupt != nullptr && options_.interrupt->load()) {
        result_.complete = false;
        break;
      }
      const uint64_t end = std::min(size, begin + batch);
      parallel_for(static_cast<int64_t>((end - begin + chunk - 1) / chunk), 1, [&](int64_t first, int64_t last) {
        Worker worker(*this);
        for (int64_t c = first; c < last; ++c) {
          const uint64_t from = begin + static_cast<uint64_t>(c) * chunk;
          worker.run(from, std::min(chunk, end - from));
        }
        worker.report();
      });
      if (options_.progress) options_.progress(static_cast<double>(end) / static_cast<double>(size));
    }
    finish();
    result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return std::move(result_);
  }

 private:
  /// What one thread counts until it reports.
  class Worker {
   public:
    explicit Worker(Sweep& sweep) : sweep_(sweep), workspace_(sweep.oracle_.filter()), x_(chunk), y_(chunk), single_(sizeof(T) <= 4 ? chunk : 0), settled_(single_.size()) {}

    void run(uint64_t begin, uint64_t n) {
      sweep_.inputs_.fill(begin, x_.data(), n);
      const uint64_t padded = (n + Filter::block - 1) / Filter::block * Filter::block;
      std::fill(x_.begin() + static_cast<int64_t>(n), x_.begin() + static_cast<int64_t>(padded), T(1));
      sweep_.kernel_(x_.data(), y_.data(), static_cast<int64_t>(n));
      count_.inputs += n;
      if constexpr (sizeof(T) <= 4) {
        std::transform(x_.begin(), x_.begin() + static_cast<int64_t>(padded), single_.begin(), [](T x) { return static_cast<float>(x); });
        for (uint64_t i = 0; i < n; i += Filter::block) {
          sweep_.oracle_.filter().run(single_.data() + i, settled_.data() + i, workspace_);
          if constexpr (sizeof(T) < 4) std::transform(&settled_[i], &settled_[i] + Filter::block, &settled_[i], rounded_again<T>);
          const uint64_t here = std::min<uint64_t>(Filter::block, n - i);
          if (all_settled_and_right(i, here)) continue;
          for (uint64_t k = i; k < i + here; ++k) {
            if (!is_right(expected_bits(k), k)) examine(x_[k], y_[k], settled_[k]);
          }
        }
      } else {
        for (uint64_t i = 0; i < n; ++i) examine(x_[i], y_[i], Filter::in_doubt);
      }
    }

    void report() {
      const std::lock_guard lock(sweep_.mutex_);
      SweepResult& all = sweep_.result_;
      all.inputs += count_.inputs, all.misrounded += count_.misrounded, all.failures += count_.failures;
      all.in_doubt += count_.in_doubt, all.asked_mpfr += count_.asked_mpfr;
      if (count_.largest_error > all.largest_error) {
        all.largest_error = count_.largest_error, all.worst_input = count_.worst_input, all.worst_result = count_.worst_result;
      }
      all.hardest.insert(all.hardest.end(), count_.hardest.begin(), count_.hardest.end());
      sweep_.keep_hardest();
    }

   private:
    /// What the filter says, with the limit's sign for what underflows. Close to zero the slow stages know the sign.
    uint32_t expected_bits(uint64_t i) const {
      if (settled_[i] != Filter::underflow) return settled_[i];
      return std::fabs(single_[i]) < 1 ? Filter::in_doubt : sweep_.underflow_[single_[i] > 0];
    }
    bool is_right(uint32_t expected, uint64_t i) const {
      const auto y = std::bit_cast<Bits<T>>(y_[i]);
      const bool number = (expected & 0x7fffffffu) <= 0x7f800000u;
      return (number & (y == expected)) | ((expected == Filter::open_zero) & (static_cast<Bits<T>>(y << 1) == 0));
    }
    bool all_settled_and_right(uint64_t begin, uint64_t n) const {
      bool right = true;
      for (uint64_t i = begin; i < begin + n; ++i) right &= is_right(expected_bits(i), i);
      return right;
    }

    /// One input that the filter did not settle, or whose result differs from what it says.
    void examine(T x, T y, uint32_t filtered) {
      using B = Bits<T>;
      const double input = static_cast<double>(x), got = static_cast<double>(y);
      const bool negative = std::signbit(input);
      if (!std::isfinite(input)) {
        const T expected = std::isnan(input) ? static_cast<T>(std::numeric_limits<double>::quiet_NaN()) : sweep_.limit_[!negative];
        if (std::bit_cast<B>(y) != std::bit_cast<B>(expected)) record(x, y, std::numeric_limits<double>::infinity(), true);
        return;
      }
      Rounded truth;
      if constexpr (sizeof(T) == 8) {
        examine_float64(x, y);
        return;
      }
      truth = sweep_.oracle_.rounded(input, format_of<T>);
      if (filtered == Filter::in_doubt || filtered == Filter::underflow) {
        ++count_.in_doubt;
        count_.asked_mpfr += truth.asked_mpfr ? 1 : 0;
        consider_hard(x, truth);
      }
      const T expected = static_cast<T>(truth.value);
      if (truth.zero != ZeroSign::underflow && std::bit_cast<B>(y) == std::bit_cast<B>(expected)) return;
      if (got == 0 && truth.value == 0) {
        if (truth.zero == ZeroSign::open) return;
        const uint64_t sign = sweep_.underflow_[!negative];
        if (truth.zero == ZeroSign::underflow && (sign == Filter::open_zero || std::bit_cast<B>(y) == sign)) return;
        record(x, y, 0.5, true);
        return;
      }
      if (sweep_.measured_.fetch_add(1, std::memory_order_relaxed) < measured_errors) {
        const double error = sweep_.error(x, y);
        record(x, y, error, !(error <= sweep_.result_.allowed_error) && !(sweep_.result_.allowed_error > 0.5 && error <= 0.75 && sweep_.cancels(x, y)));
      } else {
        record(x, y, distance(y, expected), true);
      }
    }

    /// float64: the error counts, not the rounding.
    void examine_float64(T x, T y) {
      const double error = sweep_.error(x, y);
      if (error > sweep_.result_.allowed_error) {
        const double relative_to_terms = sweep_.error_of_terms(x, y, error);
        return record(x, y, relative_to_terms, relative_to_terms > sweep_.result_.allowed_error);
      }
      if (error > 0.5) ++count_.misrounded;
      note(x, y, error);
    }

    /// Steps between two numbers of T.
    static double distance(T a, T b) {
      if (std::isnan(static_cast<double>(a)) || std::isnan(static_cast<double>(b))) return std::numeric_limits<double>::infinity();
      const auto place = [](T v) {
        const auto bits = std::bit_cast<Bits<T>>(v);
        constexpr Bits<T> sign = static_cast<Bits<T>>(Bits<T>{1} << (8 * sizeof(T) - 1));
        return (bits & sign) != 0 ? -static_cast<double>(bits & ~sign) : static_cast<double>(bits);
      };
      return std::fabs(place(a) - place(b));
    }

    void record(T x, T y, double error, bool failure) {
      ++count_.misrounded;
      count_.failures += failure ? 1 : 0;
      note(x, y, error);
    }
    void note(T x, T y, double error) {
      if (!(error > count_.largest_error)) return;
      count_.largest_error = error;
      count_.worst_input = static_cast<double>(x), count_.worst_result = static_cast<double>(y);
    }

    void consider_hard(T x, const Rounded& truth) {
      if (sweep_.options_.hardest == 0 || truth.zero != ZeroSign::certain || truth.value == 0 || std::isinf(truth.value)) return;
      if (sweep_.considered_.fetch_add(1, std::memory_order_relaxed) >= measured_errors) return;
      const double distance = sweep_.oracle_.distance_from_tie(static_cast<double>(x), format_of<T>);
      if (distance < 1) count_.hardest.push_back({.x = static_cast<double>(x), .distance = distance});
    }

    Sweep& sweep_;
    Filter::Workspace workspace_;
    std::vector<T> x_, y_;
    std::vector<float> single_;  ///< x for the filter
    std::vector<uint32_t> settled_;
    SweepResult count_;
  };

  double error(T x, T y) const { return oracle_.error_in_ulps(static_cast<double>(x), static_cast<double>(y), format_of<T>); }

  /// The size of the terms that cancel at x, if the function has a zero within a quarter of it; else 0.
  double scale(double x) const {
    if (std::fabs(x) > 16 || std::fabs(x) < 0x1p-10) return 0;
    const long double left = oracle_.value(x - 0.25), right = oracle_.value(x + 0.25);
    return (left < 0) != (right < 0) ? static_cast<double>(std::max(std::fabs(left), std::fabs(right))) : 0;
  }
  bool cancels(T x, T y) const { return scale(static_cast<double>(x)) > std::fabs(static_cast<double>(y)); }
  double error_of_terms(T x, T y, double error) const {
    const double terms = scale(static_cast<double>(x)), size = std::fabs(static_cast<double>(y));
    return terms > size && size > 0 ? std::ldexp(error, std::ilogb(size) - std::ilogb(terms)) : error;
  }

  void keep_hardest() {
    std::ranges::sort(result_.hardest, {}, [](const HardInput& h) { return std::pair(h.distance, h.x); });
    if (result_.hardest.size() > options_.hardest) result_.hardest.resize(options_.hardest);
  }

  void finish() {
    if (sizeof(T) < 8 && result_.largest_error == 0) result_.largest_error = 0.5;
  }

  const Kernel<T>& kernel_;
  const SweepOptions& options_;
  InputList<T> inputs_;
  Oracle oracle_;
  T limit_[2] = {};
  uint64_t underflow_[2] = {};  ///< bits of a zero of the limit's sign, or Filter::open_zero
  SweepResult result_;
  std::mutex mutex_;
  std::atomic<uint64_t> measured_ = 0, considered_ = 0;
};

}  // namespace

template <class T>
Kernel<T> library_kernel(const activation::Function& function, int derivative) {
  return [function, derivative](const T* x, T* y, int64_t n) { kernel::pointwise_here<T>(function, {derivative, 0, 0}, x, nullptr, y, n); };
}

template <class T>
SweepResult sweep(const activation::Function& function, int derivative, const Kernel<T>& kernel, const SweepOptions& options) {
  return Sweep<T>(function, derivative, kernel, options).run();
}

template Kernel<Float16> library_kernel(const activation::Function&, int);
template Kernel<BFloat16> library_kernel(const activation::Function&, int);
template Kernel<float> library_kernel(const activation::Function&, int);
template Kernel<double> library_kernel(const activation::Function&, int);
template SweepResult sweep(const activation::Function&, int, const Kernel<Float16>&, const SweepOptions&);
template SweepResult sweep(const activation::Function&, int, const Kernel<BFloat16>&, const SweepOptions&);
template SweepResult sweep(const activation::Function&, int, const Kernel<float>&, const SweepOptions&);
template SweepResult sweep(const activation::Function&, int, const Kernel<double>&, const SweepOptions&);

}  // namespace rectify::verify
