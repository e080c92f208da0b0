// Two small pieces of statistics: is one sample of losses worse than another, and how sure is a share.
#pragma once

#include <cstdint>
#include <span>

namespace bench::diagnosis {

/// The exact one-sided test of Mann and Whitney (1947): the probability, if all arrangements of the values over the two samples are equally likely, that `worse` has a rank sum at least
/// as large as it has. Equal values get their mean rank, and arrangements are counted with these ties, so that the result is exact with them too; infinities are ranked, NaN counts as
/// +infinity.
/// 1 if a sample is empty.
double probability_of_being_larger_by_chance(std::span<const double> worse, std::span<const double> better);

/// The middle value, or the mean of the two in the middle; infinities are values. NaN for none.
double median(std::span<const double> values);

/// A share of trials with its 95 % interval by Wilson (1927), which also holds near 0 and 1.
struct Share {
  int64_t count = 0, of = 0;
  double value() const;  ///< NaN without trials, as are the borders
  double low() const;
  double high() const;
};

}  // namespace bench::diagnosis
