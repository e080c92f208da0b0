#include "bench/diagnosis/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <iterator>

#include "bench/diagnosis/significance.h"

namespace bench::diagnosis {
namespace {

using rectify::diagnose::Cause;

using Trials = std::vector<const Judged*>;

const std::string ours = competitors[0].name;

Trials trials_where(const Study& study, const std::function<bool(const Labelled&)>& predicate) {
  Trials trials;
  for (const Judged& each : study.judged()) {
    if (predicate(*each.labelled)) trials.push_back(&each);
  }
  return trials;
}

bool is_harmful(const Labelled& each) { return each.planted.planted && each.harm.harmful; }
bool is_harmless(const Labelled& each) { return each.planted.planted && !each.harm.harmful; }
bool is_control(const Labelled& each) { return !each.planted.planted; }

Share share(const Trials& trials, const std::string& tool, const std::function<bool(const Judged&, const Verdict&)>& predicate) {
  return {.count = std::ranges::count_if(trials, [&](const Judged* each) { return predicate(*each, each->verdicts.at(tool)); }), .of = static_cast<int64_t>(trials.size())};
}

std::string text(const Share& share) {
  if (share.of == 0) return "-";
  return fmt::format("{:.1f} % [{:.1f}, {:.1f}]", 100 * share.value(), 100 * share.low(), 100 * share.high());
}

bool alarmed(const Judged&, const Verdict& verdict) { return verdict.alarm(); }

bool names_a_cause(const Judged& each, const std::optional<Cause>& cause) { return cause && std::ranges::find(each.labelled->causes, *cause) != each.labelled->causes.end(); }

/// The harmonic mean of precision and recall of the named units. What should have been named are those that were dead when units were named or, where none were, those that were planted
/// dead.
std::string units_score(const Trials& trials, const std::string& tool) {
  int64_t both = 0, named = 0, dead = 0;
  for (const Judged* each : trials) {
    const Verdict& verdict = each->verdicts.at(tool);
    for (const int64_t unit : verdict.units) both += std::ranges::count(verdict.dead_units, unit);
    named += static_cast<int64_t>(verdict.units.size());
    dead += verdict.units.empty() ? each->labelled->planted.planted->units : static_cast<int64_t>(verdict.dead_units.size());
  }
  return named + dead == 0 ? "-" : fmt::format("{:.3f} of {}", 2.0 * static_cast<double>(both) / static_cast<double>(named + dead), dead);
}

/// Steps from the onset to the first warning.
std::string delay(const Trials& trials, const std::string& tool) {
  std::vector<double> steps;
  for (const Judged* each : trials) {
    const Verdict& verdict = each->verdicts.at(tool);
    if (verdict.alarm()) steps.push_back(static_cast<double>(std::max<int64_t>(0, verdict.warned.value_or(verdict.step) - each->labelled->planted.planted->onset)));
  }
  return steps.empty() ? "-" : fmt::format("{}", median(steps));
}

/// The expected calibration error: the mean distance, over trials in ten bins of confidence, between the stated confidence and the share of causes that are right.
std::string calibration(const Trials& trials, const std::string& tool) {
  struct Bin {
    double confidence = 0, right = 0;
  };
  std::array<Bin, 10> bins;
  int64_t count = 0;
  for (const Judged* each : trials) {
    const Verdict& verdict = each->verdicts.at(tool);
    if (!verdict.confidence) continue;
    Bin& bin = bins[std::min<size_t>(9, static_cast<size_t>(*verdict.confidence * 10))];
    bin.confidence += *verdict.confidence;
    bin.right += names_a_cause(*each, verdict.cause) ? 1 : 0;
    ++count;
  }
  double distance = 0;
  for (const Bin& bin : bins) distance += std::abs(bin.confidence - bin.right);
  return count == 0 ? "-" : fmt::format("{:.3f}", distance / static_cast<double>(count));
}

/// Trainings that reach what their healthy twin does when they are repaired while they run, of all that were harmed.
Share repaired(const Trials& trials) {
  Share share;
  for (const Judged* each : trials) {
    if (!each->mended) continue;
    ++share.of;
    share.count += restored(each->mended->outcome.loss, each->labelled->twin) >= cured ? 1 : 0;
  }
  return share;
}

/// Mean and largest compute of the trainings in which a repair was tried.
std::string compute(const Trials& trials) {
  double sum = 0, largest = 0;
  int64_t count = 0;
  for (const Judged* each : trials) {
    if (!each->mended || !each->mended->found) continue;
    sum += each->mended->compute();
    largest = std::max(largest, each->mended->compute());
    ++count;
  }
  return count == 0 ? "-" : fmt::format("{:.2f}, at most {:.2f}", sum / static_cast<double>(count), largest);
}

/// A row of the comparison: what is measured, the aim, and a cell per tool.
struct Measure {
  std::string name, aim;
  std::function<std::string(const std::string& tool)> cell;
};

std::vector<Measure> measures(const Study& study) {
  const Trials harmful = trials_where(study, is_harmful), controls = trials_where(study, is_control), harmless = trials_where(study, is_harmless);
  const Trials in_one_layer = trials_where(study, [](const Labelled& each) { return is_harmful(each) && each.planted.planted->layer; });
  const Trials later = trials_where(study, [](const Labelled& each) { return is_harmful(each) && each.planted.planted->onset > 0; });
  const Trials from_the_beginning = trials_where(study, [](const Labelled& each) { return is_harmful(each) && each.planted.planted->onset == 0; });
  const auto right_layer = [](const Judged& each, const Verdict& verdict) { return verdict.layer == each.labelled->planted.planted->layer; };
  const auto first = [](const Judged& each, const Verdict& verdict) { return names_a_cause(each, verdict.cause); };
  const auto first_or_second = [](const Judged& each, const Verdict& verdict) { return names_a_cause(each, verdict.cause) || names_a_cause(each, verdict.second_cause); };
  return {{"harmful faults found", ">= 95 %", [=](const std::string& tool) { return text(share(harmful, tool, alarmed)); }},
          {"healthy networks called faulty", "<= 2 %", [=](const std::string& tool) { return text(share(controls, tool, alarmed)); }},
          {"planted, but harmless, and called faulty", "", [=](const std::string& tool) { return text(share(harmless, tool, alarmed)); }},
          {"the first cause is one whose fix cures", ">= 85 %", [=](const std::string& tool) { return text(share(harmful, tool, first)); }},
          {"the first or the second is", ">= 95 %", [=](const std::string& tool) { return text(share(harmful, tool, first_or_second)); }},
          {"expected calibration error of the confidence in the cause", "<= 0.05", [=](const std::string& tool) { return calibration(harmful, tool); }},
          {"the right layer", ">= 90 %", [=](const std::string& tool) { return text(share(in_one_layer, tool, right_layer)); }},
          {"F1 of the dead units named", ">= 0.99", [=](const std::string& tool) { return units_score(harmful, tool); }},
          {"median steps to the finding, faults there from the beginning", "0", [=](const std::string& tool) { return delay(from_the_beginning, tool); }},
          {"median steps to the finding, others", "<= 50", [=](const std::string& tool) { return delay(later, tool); }},
          {"repair brings >= 95 % of the healthy result", ">= 95 %", [=](const std::string& tool) { return tool == ours ? text(repaired(harmful)) : "-"; }},
          {"compute with the proof / without", "<= 1.25, at most 2", [=](const std::string& tool) { return tool == ours ? compute(harmful) : "-"; }}};
}

std::string comparison(const Study& study) {
  std::string head = "| measure | aim |", line = "|---|---|", rows;
  for (const Competitor& competitor : study.asked()) head += fmt::format(" {} |", competitor.name), line += "---|";
  for (const Measure& measure : measures(study)) {
    rows += fmt::format("| {} | {} |", measure.name, measure.aim);
    for (const Competitor& competitor : study.asked()) rows += fmt::format(" {} |", measure.cell(competitor.name));
    rows += "\n";
  }
  return head + "\n" + line + "\n" + rows;
}

std::vector<std::string> class_names(const Study& study) {
  std::vector<std::string> names;
  for (const Labelled& each : study.labelled()) {
    if (each.planted.planted && std::ranges::find(names, each.planted.planted->fault) == names.end()) names.push_back(each.planted.planted->fault);
  }
  return names;
}

/// How many trainings of each fault class each tool found, of the harmful ones.
std::string by_class(const Study& study) {
  std::string text = "| fault class | cases | harmful | trainings |", line = "|---|---|---|---|";
  for (const Competitor& competitor : study.asked()) text += fmt::format(" {} |", competitor.name), line += "---|";
  text += "\n" + line + "\n";
  for (const std::string& name : class_names(study)) {
    const auto of_class = [&](const Labelled& each) { return each.planted.planted && each.planted.planted->fault == name; };
    const Trials trials = trials_where(study, [&](const Labelled& each) { return of_class(each) && each.harm.harmful; });
    text += fmt::format("| {} | {} | {} | {} |", name, std::ranges::count_if(study.labelled(), of_class),
                        std::ranges::count_if(study.labelled(), [&](const Labelled& each) { return of_class(each) && each.harm.harmful; }), trials.size());
    for (const Competitor& competitor : study.asked()) text += fmt::format(" {} |", share(trials, competitor.name, alarmed).count);
    text += "\n";
  }
  return text;
}

/// The most frequent of some words, "-" without any.
std::string most_frequent(const std::map<std::string, int64_t>& counts) {
  const auto largest = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
  return largest == counts.end() ? "-" : fmt::format("{} ({})", largest->first, largest->second);
}

/// Ours in detail: what was right of each class, and what was said or done instead.
std::string ours_by_class(const Study& study) {
  std::string text = "| fault class | trainings | found | expected symptom | cause right | repaired | most frequent wrong cause | most frequent remedy |\n"
                     "|---|---|---|---|---|---|---|---|\n";
  for (const std::string& name : class_names(study)) {
    const Trials trials = trials_where(study, [&](const Labelled& each) { return is_harmful(each) && each.planted.planted->fault == name; });
    std::map<std::string, int64_t> wrong, remedies;
    for (const Judged* each : trials) {
      const Verdict& verdict = each->verdicts.at(ours);
      if (verdict.cause && !names_a_cause(*each, verdict.cause)) ++wrong[std::string(rectify::diagnose::name(*verdict.cause))];
      if (each->mended && each->mended->found) ++remedies[each->mended->adopted.empty() ? "none was proven" : each->mended->adopted];
    }
    const Share right = share(trials, ours, [](const Judged& each, const Verdict& verdict) { return names_a_cause(each, verdict.cause); });
    const Share expected = share(trials, ours, [](const Judged& each, const Verdict& verdict) {
      return verdict.symptom && std::ranges::find(each.labelled->planted.planted->symptoms, *verdict.symptom) != each.labelled->planted.planted->symptoms.end();
    });
    text += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n", name, trials.size(), share(trials, ours, alarmed).count, expected.count, right.count, repaired(trials).count,
                        most_frequent(wrong), most_frequent(remedies));
  }
  return text;
}

/// How often each cause was right when it was named first: what the confidence of faults is made of (rectify/diagnose/confidence.h).
std::string track_records(const Study& study) {
  std::map<Cause, std::array<int64_t, 4>> counts;  // right and all alone, right and all beside others
  for (const Judged* each : trials_where(study, is_harmful)) {
    const Verdict& verdict = each->verdicts.at(ours);
    if (!verdict.cause) continue;
    std::array<int64_t, 4>& of_cause = counts[*verdict.cause];
    const size_t place = verdict.second_cause ? 2 : 0;
    of_cause[place] += names_a_cause(*each, verdict.cause) ? 1 : 0;
    ++of_cause[place + 1];
  }
  std::string text = "| cause | alone: right | of | beside others: right | of |\n|---|---|---|---|---|\n";
  for (const auto& [cause, count] : counts) text += fmt::format("| {} | {} | {} | {} | {} |\n", rectify::diagnose::name(cause), count[0], count[1], count[2], count[3]);
  return text;
}

/// What each tool said of healthy networks, the most frequent first.
std::string false_alarms(const Study& study) {
  std::string text;
  for (const Competitor& competitor : study.asked()) {
    std::map<std::string, int64_t> problems;
    for (const Judged* each : trials_where(study, is_control)) {
      const Verdict& verdict = each->verdicts.at(competitor.name);
      if (verdict.alarm()) ++problems[verdict.problem];
    }
    std::vector<std::pair<int64_t, std::string>> sorted;
    for (const auto& [problem, count] : problems) sorted.emplace_back(count, problem);
    std::ranges::sort(sorted, std::greater());
    text += fmt::format("- {}:", competitor.name);
    for (const auto& [count, problem] : sorted) text += fmt::format(" {} ({}),", problem, count);
    if (sorted.empty()) text += " nothing,";
    text.back() = '\n';
  }
  return text;
}

}  // namespace

std::string labels_text(const Study& study) {
  std::string text;
  for (const Labelled& each : study.labelled()) {
    double learnt = 1;
    for (const Outcome& outcome : each.outcomes) learnt = std::min(learnt, outcome.learnt());
    if (each.planted.planted) {
      std::string causes;
      for (const Cause cause : each.causes) causes += fmt::format(" {}", rectify::diagnose::name(cause));
      text += fmt::format("{:50} p {:.5f}  effect {:7.3f}  {}{}\n", each.planted.name, each.harm.probability, each.harm.effect, each.harm.harmful ? "harmful" : "symptom only", causes);
    } else {
      text += fmt::format("{:50} least learnt {:.3f}  {}\n", each.planted.name, learnt, each.healthy ? "healthy" : "does not count");
    }
  }
  return text;
}

std::string trials_text(const Study& study) {
  std::string text;
  const auto out = std::back_inserter(text);
  for (const Judged& each : study.judged()) {
    const Labelled& labelled = *each.labelled;
    const Verdict& verdict = each.verdicts.at(ours);
    fmt::format_to(out, "{:44} seed {}  {:8}  ", labelled.planted.name, each.seed, is_control(labelled) ? "healthy" : is_harmful(labelled) ? "harmful" : "harmless");
    if (verdict.alarm()) {
      fmt::format_to(out, "{:5} {:.2f} {}", verdict.step, verdict.confidence.value_or(0), verdict.problem);
      if (verdict.second_cause) fmt::format_to(out, ", {}", rectify::diagnose::name(*verdict.second_cause));
    } else {
      fmt::format_to(out, "-");
    }
    if (is_harmful(labelled)) {
      fmt::format_to(out, "  of:");
      for (const Cause cause : labelled.causes) fmt::format_to(out, " {}", rectify::diagnose::name(cause));
    }
    if (each.mended) {
      fmt::format_to(out, "  regained {:.3f} for {:.2f} by {}", restored(each.mended->outcome.loss, labelled.twin), each.mended->compute(), each.mended->adopted.empty() ? "-" : each.mended->adopted);
    }
    text += "\n";
  }
  return text;
}

std::string document(const Study& study, const std::string& note) {
  const auto count = [&](const std::function<bool(const Labelled&)>& predicate) { return std::ranges::count_if(study.labelled(), predicate); };
  const auto trials = [&](const std::function<bool(const Labelled&)>& predicate) { return trials_where(study, predicate).size(); };
  std::string text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "# Planted faults, healthy networks, and what is said of them\n\n");
  const bool reporting = study.options().half == Half::reporting;
  fmt::format_to(out, "Printed by `./benchmark diagnosis{}{}`. How it is measured: bench/diagnosis/README.md.\n\n", study.options().subset ? " --subset" : "", reporting ? "" : " --tuning");
  fmt::format_to(out,
                 "{} faults were planted, of which {} are harmful: over ten seeds the final loss is worse than the healthy twin's (exact Mann-Whitney test, p < 0.01, and at least 5 % of "
                 "the way to chance). Of {} controls {} reach the stated result with all ten seeds. ",
                 count([](const Labelled& each) { return each.planted.planted.has_value(); }), count(is_harmful), count(is_control),
                 count([](const Labelled& each) { return each.healthy; }));
  fmt::format_to(out,
                 "The tables count trainings of the {} half: {} of harmful faults, {} of harmless ones, {} of healthy networks. In brackets: 95 % intervals by Wilson, as if trainings of "
                 "one case with different seeds were independent.\n\n",
                 reporting ? "reporting" : "tuning", trials(is_harmful), trials(is_harmless), trials(is_control));
  fmt::format_to(out, "## All tools\n\n{}\n", comparison(study));
  if (!note.empty()) fmt::format_to(out, "{}\n\n", note);
  fmt::format_to(out, "## Harmful faults found, by class\n\n{}\n", by_class(study));
  fmt::format_to(out, "## Rectify, by class\n\nOf the harmful faults in trainings of this half; remedies as they were adopted.\n\n{}\n", ours_by_class(study));
  fmt::format_to(out, "## How often a cause that Rectify named first was right\n\n{}\n", track_records(study));
  fmt::format_to(out, "## What was said of healthy networks\n\n{}\n", false_alarms(study));
  return text;
}

}  // namespace bench::diagnosis
