// Expressions as a graph in which equal parts are one node, simplified while it is built: the form in which formulas are differentiated and compiled.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rectify/activation/expression.h"

namespace rectify::activation {

/// The place of a node in its graph. Operands come before what uses them.
using Term = int32_t;

struct TermNode {
  Operation operation = Operation::number;
  std::array<Term, 3> operands = {-1, -1, -1};
  double value = 0;          ///< of a number: the nearest float64
  bool exact = true;         ///< of a number: it is `value` itself, otherwise the decimal `text`
  std::string text = {};
  int parameter = 0;         ///< of a parameter: its place in the list of names
  int exponent = 0;          ///< of a power
};

/// Makes terms. Every rule is an identity of real numbers, and what it writes is at least as well conditioned as what it reads: log(1 + exp(u)) becomes
/// softplus(u), exp(u) - 1 expm1(u), 1/(1 + exp(-u)) sigmoid(u), 1 + erf(u) erfc(-u), (exp(u) - exp(-u))/(exp(u) + exp(-u)) tanh(u), and so on.
/// Numbers are folded only where the result is exact.
class Terms {
 public:
  Term number(double value);
  Term input();
  Term parameter(int index);
  Term add(Term a, Term b);
  Term subtract(Term a, Term b) { return add(a, negate(b)); }  ///< a sum, too: there is no node for it
  Term multiply(Term a, Term b);
  Term divide(Term a, Term b);
  Term negate(Term a);
  Term power(Term a, int exponent);
  /// A function of one operand.
  Term apply(Operation function, Term a);
  Term minimum(Term a, Term b);
  Term maximum(Term a, Term b);
  Term compare(Operation comparison, Term a, Term b);
  Term where(Term condition, Term then, Term otherwise);
  /// The term of a parsed expression.
  Term from(const Expression& expression);

  const TermNode& operator[](Term term) const { return nodes_[static_cast<size_t>(term)]; }
  size_t size() const { return nodes_.size(); }
  /// What the term is made of, and nothing else: operands first, the term itself last.
  std::vector<TermNode> extract(Term term) const;

 private:
  /// coefficient * core, the coefficient an exact number.
  struct Scaled {
    double coefficient = 1;
    Term core = -1;
  };

  Term intern(TermNode node);
  Term node(Operation operation, Term a, Term b = -1, Term c = -1);
  bool is(Term term, Operation operation) const { return (*this)[term].operation == operation; }
  Term operand(Term term, size_t i = 0) const { return (*this)[term].operands[i]; }
  bool exact_number(Term term) const { return is(term, Operation::number) && (*this)[term].exact; }
  bool is_number(Term term, double value) const { return exact_number(term) && (*this)[term].value == value; }
  bool has_minus(Term term) const;
  Scaled scaled(Term term) const;
  Term times(double coefficient, Term core) { return multiply(number(coefficient), core); }
  void collect(Term term, Operation operation, std::vector<Term>& parts) const;
  /// The factors of a product; exact numbers and signs go into the coefficient.
  void gather(Term term, double& coefficient, std::vector<Term>& parts) const;
  Term rebuild(Operation operation, std::vector<Term> parts);
  /// The other factors of a product that has sqrt(2) among them, or -1.
  Term without_root_of_two(Term product);
  /// Numerator and denominator without the parameters that both have as factors.
  std::pair<Term, Term> without_common_parameters(Term a, Term b);

  // What two parts of a sum or product are together, or -1 where they stay apart.
  Term sum_of(Term a, Term b);
  Term number_plus(double c, Scaled part);
  Term product_of(Term a, Term b);
  Term quotient_of(Term a, Term b);
  Term ratio_of(Term a, Term b);
  Term log(Term a);
  Term log1p(Term a);
  Term exp(Term a);
  Term erfc(Term a);

  std::vector<TermNode> nodes_;
  std::unordered_map<std::string, Term> places_;
};

}  // namespace rectify::activation
