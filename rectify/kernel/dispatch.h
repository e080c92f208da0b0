// Included by every file that dispatches to a SIMD target, so that RECTIFY_TARGET is obeyed in a program that never names a target itself.
#pragma once

namespace rectify::kernel::detail {

/// Applies RECTIFY_TARGET once per process; a name that cannot be used here is reported by current_target().
bool apply_target_of_environment() noexcept;

inline const bool target_of_environment_applied = apply_target_of_environment();

}  // namespace rectify::kernel::detail
