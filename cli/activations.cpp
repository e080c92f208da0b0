// rectify activations: the catalogue, or everything about one activation; its documentation cards and the table of defaults.
#include <algorithm>

#include <fmt/format.h>

#include "cli/activation_card.h"
#include "cli/activation_name.h"
#include "cli/activation_text.h"
#include "cli/commands.h"
#include "cli/defaults_table.h"
#include "cli/formula_card.h"
#include "cli/unit_text.h"
#include "rectify/base/error.h"

namespace rectify::cli {
namespace {

using activation::Function;
using activation::Id;

std::string aligned(const Rows& rows) {
  std::string text;
  for (const auto& [key, value] : rows) text += fmt::format("{:<13}{}\n", key, value);
  return text;
}

class Activations : public Command {
 public:
  std::string name() const override { return "activations"; }
  std::string description() const override {
    return "list the activations, or describe one: formula, parameters, everything that is computed of it, names and defaults in other libraries";
  }
  std::string examples() const override {
    return "  rectify activations\n"
           "  rectify activations mish\n"
           "  rectify activations swiglu                              a gated or row-wise unit\n"
           "  rectify activations \"leaky_relu(dialect=keras)\"         with the defaults of another library\n"
           "  rectify activations jax.nn.gelu --json\n"
           "  rectify activations \"x*exp(-x^2)\"                      a formula: how it and its derivatives are computed\n"
           "  rectify activations \"swish(beta=1.5)\" --card swish.md   a page with a picture, swish.svg\n"
           "  rectify activations --cards docs/activations            one for every activation\n"
           "  rectify activations --defaults                          our defaults beside those of other libraries, as Markdown";
  }

  void declare(Options& options) override {
    options.positional("activation", activation_, "the one to describe, such as mish, \"leaky_relu(0.2)\" or a formula in x; all are listed without", false);
    options.text("--card", card_, "FILE.md", "write the documentation card of the activation, and its picture beside it");
    options.text("--cards", cards_, "FOLDER", "write the cards of all activations");
    options.text("--accuracy", accuracy_, "FILE.json", "of cards: take the errors from what rectify verify --json wrote");
    options.text("--speed", speed_, "FILE.json", "of cards: take the times from what bench/kernels wrote; they are measured on the spot without");
    options.flag("--defaults", defaults_, "print the table of defaults as Markdown");
    options.flag("--json", json_, "one JSON document on standard output");
  }

  int run() override {
    refuse_contradictions();
    if (defaults_) {
      print(defaults_document());
    } else if (cards_) {
      const Measurements measurements = Measurements::read(accuracy_, speed_);
      require_writable_folder(*cards_);
      say(fmt::format("wrote {} cards into {}", write_cards(*cards_, measurements), *cards_));
    } else if (const auto unit = activation_ ? activation::find_unit(*activation_) : std::nullopt) {
      if (card_) throw ArgumentError("[activations] cards are for pointwise activations; " + *activation_ + " works on rows. Leave out --card.");
      json_ ? print_json(unit_json(*unit)) : print(aligned(unit_rows(*unit)));
    } else if (activation_) {
      describe(activation_named(*activation_));
    } else {
      list();
    }
    return 0;
  }

 private:
  void refuse_contradictions() const {
    if (card_ && !activation_) throw ArgumentError("[activations] --card is for one activation. Name it, or write all of them with --cards.");
    if (cards_ && activation_) throw ArgumentError("[activations] --cards is for all activations, but '" + *activation_ + "' is named. Write its card with --card.");
    if (defaults_ && (activation_ || card_ || cards_ || json_)) throw ArgumentError("[activations] --defaults is the whole table as Markdown. Leave out the other options.");
    if (json_ && (card_ || cards_)) throw ArgumentError("[activations] cards are Markdown. Leave out --json.");
    if ((accuracy_ || speed_) && !card_ && !cards_) throw ArgumentError("[activations] --accuracy and --speed are for cards. Add --card or --cards.");
  }

  void describe(const Function& function) const {
    if (function.formula) {
      if (card_) throw ArgumentError("[activations] cards are for the catalogue's activations, not for formulas. Leave out --card.");
      return json_ ? print_json(described_formula(function)) : print(formula_card(function));
    }
    if (card_) {
      const Measurements measurements = Measurements::read(accuracy_, speed_);
      require_writable_file(*card_);
      write_card(function, *card_, measurements);
      say("wrote " + *card_);
      return;
    }
    const activation::Properties properties = activation::properties(function);
    if (json_) {
      Json json = definition_json(function);
      json["properties"] = properties_json(properties);
      print_json(json);
    } else {
      print(aligned(definition_rows(function)) + "\n" + aligned(property_rows(properties)));
    }
  }

  void list() const {
    Json list = Json::array();
    std::string text;
    size_t width = 0;
    for (const Id id : activation::all()) width = std::max(width, activation::spec(id).name.size());
    for (const Id id : activation::all()) {
      if (json_) list.push_back(definition_json(activation::make(id)));
      text += fmt::format("{:<{}}  {}\n", activation::spec(id).name, width, activation::spec(id).formula);
    }
    if (!json_) return print(text + "\n" + unit_list());
    Json units = Json::array();
    for (const activation::UnitId id : activation::all_units()) units.push_back(unit_json(id));
    print_json({{"activations", list}, {"units", units}});
  }

  std::optional<std::string> activation_, card_, cards_, accuracy_, speed_;
  bool json_ = false, defaults_ = false;
};

}  // namespace

std::unique_ptr<Command> activations_command() { return std::make_unique<Activations>(); }

}  // namespace rectify::cli
