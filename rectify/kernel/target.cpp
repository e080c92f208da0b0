#include "rectify/kernel/target.h"

#include <fmt/format.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <mutex>

#include "hwy/highway.h"
#include "hwy/targets.h"
#include "rectify/base/error.h"
#include "rectify/base/specification.h"
#include "rectify/kernel/dispatch.h"

namespace rectify::kernel {
namespace {

std::string name_of(int64_t target) {
  switch (target) {
    case HWY_AVX3_DL: return "avx512_dl";
    case HWY_AVX3: return "avx512";
    case HWY_AVX2: return "avx2";
    case HWY_SVE2_128: return "sve2_128";
    case HWY_SVE_256: return "sve_256";
    case HWY_SVE2: return "sve2";
    case HWY_SVE: return "sve";
    case HWY_NEON: return "neon";
    case HWY_EMU128: return "emulated";
    case HWY_SCALAR: return "scalar";
    default: return hwy::TargetName(target);
  }
}

/// What was compiled in and runs here, whatever has been forced; best first, which is the order of the bits.
std::vector<int64_t> usable_targets() {
  static const std::vector<int64_t> targets = [] {
    hwy::SetSupportedTargetsForTest(0);
    const int64_t mask = (hwy::SupportedTargets() | HWY_STATIC_TARGET) & HWY_TARGETS;
    std::vector<int64_t> list;
    for (int64_t rest = mask; rest != 0; rest &= rest - 1) list.push_back(rest & -rest);
    return list;
  }();
  return targets;
}

struct Choice {
  std::mutex mutex;
  int64_t target = 0;          ///< 0 before the first look
  std::string unusable_name;   ///< what RECTIFY_TARGET held, if it could not be used
};

Choice& choice() {
  static Choice instance;
  return instance;
}

std::string unusable(std::string_view function, std::string_view origin, std::string_view name) {
  std::vector<std::string> names = {"auto"};
  std::string list = "auto";
  for (const int64_t target : usable_targets()) {
    names.push_back(name_of(target));
    list += ", " + names.back();
  }
  return fmt::format("[{}] {} \"{}\" is unknown or cannot run on this CPU. Use one of {}.{}", function, origin, name, list, did_you_mean(name, names));
}

/// Points every HWY_DYNAMIC_DISPATCH of the process at the target. False if there is none of that name.
bool choose(Choice& state, std::string_view name) {
  const std::vector<int64_t> targets = usable_targets();
  for (const int64_t target : targets) {
    if (name != "auto" && name != name_of(target)) continue;
    // "auto" forces nothing, so that other users of Highway in the process keep what is best for them.
    hwy::SetSupportedTargetsForTest(name == "auto" ? 0 : target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    state.target = target;
    return true;
  }
  return false;
}

}  // namespace

bool detail::apply_target_of_environment() noexcept {
  Choice& state = choice();
  const std::lock_guard lock(state.mutex);
  if (state.target != 0) return true;
  const char* const name = std::getenv("RECTIFY_TARGET");
  if (name != nullptr && *name != '\0' && choose(state, name)) return true;
  if (name != nullptr && *name != '\0') state.unusable_name = name;
  return choose(state, "auto");
}

std::vector<std::string> available_targets() {
  detail::apply_target_of_environment();
  std::vector<std::string> names;
  for (const int64_t target : usable_targets()) names.push_back(name_of(target));
  return names;
}

std::string current_target() {
  detail::apply_target_of_environment();
  Choice& state = choice();
  const std::lock_guard lock(state.mutex);
  if (!state.unusable_name.empty()) throw ArgumentError(unusable("current_target", "the environment variable RECTIFY_TARGET", state.unusable_name));
  return name_of(state.target);
}

void set_target(std::string_view name) {
  detail::apply_target_of_environment();
  Choice& state = choice();
  const std::lock_guard lock(state.mutex);
  if (!choose(state, name)) throw ArgumentError(unusable("set_target", "the target", name));
  state.unusable_name.clear();
}

namespace {

bool processor_divides_quickly() noexcept {
#if HWY_ARCH_X86
  __builtin_cpu_init();
  return __builtin_cpu_is("amd") != 0;
#else
  return true;
#endif
}

std::atomic<bool>& quick_division() noexcept {
  static std::atomic<bool> quick = processor_divides_quickly();
  return quick;
}

}  // namespace

bool divides_quickly() noexcept { return quick_division().load(std::memory_order_relaxed); }

void set_divides_quickly(std::optional<bool> choice) noexcept { quick_division() = choice.value_or(processor_divides_quickly()); }

}  // namespace rectify::kernel
