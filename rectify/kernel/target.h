// The SIMD targets: list them, name the one in use, force another. Every target gives the same bits; only speed differs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::kernel {

/// Names of the targets that were compiled in and that this CPU can run, best first: "avx512", "avx2", "scalar" (on other CPUs "neon", ...).
std::vector<std::string> available_targets();

/// The target in use. Throws ArgumentError if RECTIFY_TARGET names none that can run here (kernels, which cannot throw, then use the best one):
/// a program calls this early to report it.
std::string current_target();

/// Forces a target for the whole process; "auto" returns to the best. The environment variable RECTIFY_TARGET does the same before the first kernel runs.
/// Throws ArgumentError, naming the available ones, if it is unknown or cannot run here. Not to be called while a kernel runs.
void set_target(std::string_view name);

/// Whether this processor divides float64 vectors beside its multiplications (AMD's do; on Intel's a division takes the time of thirty): kernels then
/// divide where they would otherwise refine a float32 quotient. Results are the same bits either way.
bool divides_quickly() noexcept;

/// Decides that for the whole process, whatever the processor; nothing leaves it to the processor. Not to be called while a kernel runs.
void set_divides_quickly(std::optional<bool> choice) noexcept;

}  // namespace rectify::kernel
