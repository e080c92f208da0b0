// The rules: each looks at one side of a subject and adds what it finds, without deciding yet how bad that is. diagnose.cpp puts causes and consequences in order.
#pragma once

#include <vector>

#include "rectify/diagnose/finding.h"
#include "rectify/diagnose/measures.h"

namespace rectify::diagnose {

/// What a rule found. The network's harm and the order of causes are added later.
struct Suspicion {
  Finding finding;
  bool severe = true;  ///< it would surprise if this network learnt well; otherwise it may do harm
};
using Suspicions = std::vector<Suspicion>;

/// How sure a border was crossed: 1/2 at the border, towards 1 with the distance.
double confidence_above(double measured, double border);
double confidence_below(double measured, double border);

/// Outputs and loss that do not fit each other or the targets.
void look_at_task(const Measured& network, Suspicions& found);
/// Inputs that are large, far from 0, or on different scales.
void look_at_input(const Measured& network, Suspicions& found);
/// Signals and gradients that fade or grow with depth: weights that began too small or too large, activations, depth.
void look_at_signal(const Measured& network, Suspicions& found);
/// Units that are dead, stuck, all the same, or linear; weights' gradients of one sign.
void look_at_units(const Measured& network, Suspicions& found);
/// Steps that are too large or too small.
void look_at_learning(const Measured& network, Suspicions& found);

}  // namespace rectify::diagnose
