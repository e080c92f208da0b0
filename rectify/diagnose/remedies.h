// What each remedy does to a checkpoint of its own. apply() in repair.h chooses among them. For the files of this folder.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "rectify/diagnose/repair.h"

namespace rectify::diagnose {

// Those that leave the network's function as it is (keep_function.cpp). Without a layer all layers they can be done to; all throw ArgumentError if there is none.

/// f becomes g(x) = (f(x) - f(0)) / f'(0), and the next layer f'(0) W g + b + f(0) W 1: the same sum. Gradients of the next weights are those of before, centred and divided by f'(0); so are
/// what the optimiser remembers of their mean, and of their squares the division.
void rescale_activation(Checkpoint& checkpoint, std::optional<size_t> layer);

/// The units (all, if none are named) whose output is constant over the sample get new incoming weights, with mean 0 and variance 1 of what they sum on it, outgoing weights of 0, and no moments.
/// What they gave before is added to the next bias.
void recycle_units(Checkpoint& checkpoint, size_t layer, std::span<const int64_t> units);

/// Batch normalisation before each activation of a hidden layer, with weight and bias that undo it on the sample, in training mode and in evaluation mode. Where the last batch of an epoch
/// would have fewer than two samples, batches grow by as little as helps, at most to twice.
void insert_normalisation(Checkpoint& checkpoint, std::optional<size_t> layer);

// Those that change it (change_function.cpp).

/// New weights, calibrated to the next activation, each layer then scaled so that what its units sum has variance 1 on the sample (their mean), and mean 0 where there is a bias: Mishkin and
/// Matas 2015 (LSUV), Krähenbühl et al. 2015. Initialisations and biases that layers bring along in their text are taken out. Done to all layers, the optimiser begins anew.
void reinitialise(Checkpoint& checkpoint, std::optional<size_t> layer);

/// Another activation; the next weights and bias are fitted so that each input times its weight keeps its mean and variance over the sample, and so does what each unit sums. An input
/// that was constant and is not any more begins with weights of 0.
void swap_activation(Checkpoint& checkpoint, std::optional<size_t> layer, const std::string& activation);

/// Inputs with mean 0 and variance 1 over the training samples: scale=standard in the data's specification, which is then loaded again; data that come from no specification are scaled
/// as they are, per feature. The weights stay: they were drawn for such inputs.
void standardise_input(Checkpoint& checkpoint);

/// Takes away what comes after the last layer with weights.
void remove_output_activation(Checkpoint& checkpoint);

/// Another loss for the same outputs and targets.
void correct_loss(Checkpoint& checkpoint, const std::string& loss);

/// Another number of samples per step; training goes on at the same place of the same epoch.
void change_batch(Checkpoint& checkpoint, int64_t batch);

/// 0: the one that learning_rate_from_curvature() finds.
void set_learning_rate(Checkpoint& checkpoint, double learning_rate);

/// The schedule ends; the learning rate stays what it is.
void hold_learning_rate(Checkpoint& checkpoint);

void clip_gradient(Checkpoint& checkpoint, double norm);

}  // namespace rectify::diagnose
