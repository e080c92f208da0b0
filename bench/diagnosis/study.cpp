#include "bench/diagnosis/study.h"

#include <algorithm>
#include <ranges>

#include "bench/diagnosis/fixes.h"
#include "bench/diagnosis/work.h"

namespace bench::diagnosis {
namespace {

using rectify::diagnose::Cause;

Json json_of(const Outcome& outcome) {
  return {{"loss", to_json(outcome.loss)}, {"chance", outcome.chance}, {"steps", outcome.steps}, {"diverged", outcome.diverged}, {"seconds", outcome.seconds}};
}

Outcome outcome_from(const Json& json) {
  return {.loss = number_of(json.at("loss")), .chance = json.at("chance"), .steps = json.at("steps"), .diverged = json.at("diverged"), .seconds = json.at("seconds")};
}

Json json_of(const Verdict& verdict) {
  Json json{{"problem", verdict.problem}};
  if (!verdict.alarm()) return json;
  json["step"] = verdict.step;
  if (verdict.warned) json["warned"] = *verdict.warned;
  if (verdict.layer) json["layer"] = *verdict.layer;
  if (verdict.cause) json["cause"] = rectify::diagnose::name(*verdict.cause);
  if (verdict.symptom) json["symptom"] = rectify::diagnose::name(*verdict.symptom);
  if (verdict.confidence) json["confidence"] = *verdict.confidence;
  if (verdict.second_cause) json["second_cause"] = rectify::diagnose::name(*verdict.second_cause);
  if (!verdict.units.empty() || !verdict.dead_units.empty()) json["units"] = verdict.units, json["dead_units"] = verdict.dead_units;
  return json;
}

Verdict verdict_from(const Json& json) {
  const auto cause = [&](const char* key) { return json.contains(key) ? rectify::diagnose::find_cause(json.at(key).get<std::string>()) : std::nullopt; };
  Verdict verdict{.problem = json.at("problem"), .step = json.value("step", int64_t{0}), .cause = cause("cause"), .second_cause = cause("second_cause")};
  if (json.contains("symptom")) verdict.symptom = rectify::diagnose::find_symptom(json.at("symptom").get<std::string>());
  if (json.contains("confidence")) verdict.confidence = json.at("confidence").get<double>();
  if (json.contains("layer")) verdict.layer = json.at("layer").get<size_t>();
  if (json.contains("warned")) verdict.warned = json.at("warned").get<int64_t>();
  if (json.contains("units")) verdict.units = json.at("units").get<std::vector<int64_t>>(), verdict.dead_units = json.at("dead_units").get<std::vector<int64_t>>();
  return verdict;
}

Json json_of(const Mended& mended) {
  return {{"outcome", json_of(mended.outcome)}, {"adopted", mended.adopted}, {"found", mended.found}, {"steps", mended.steps}, {"planned_steps", mended.planned_steps}};
}

Mended mended_from(const Json& json) {
  return {.outcome = outcome_from(json.at("outcome")), .adopted = json.at("adopted"), .found = json.at("found"), .steps = json.at("steps"), .planned_steps = json.at("planned_steps")};
}

std::vector<Case> cases_of(const StudyOptions& options) {
  std::vector<Case> all;
  // Seven has no factor in common with the three severities or the twelve architectures, so that all of them occur.
  const auto add = [&](std::vector<Case> cases) {
    for (size_t place = 0; place < cases.size(); ++place) {
      if (options.subset && place % 7 != 0) continue;
      if (cases[place].name.find(options.only) != std::string::npos) all.push_back(std::move(cases[place]));
    }
  };
  const std::filesystem::path data = options.folder / "data";
  add(faults(data));
  add(controls(data));
  return all;
}

/// Whether two of three trainings with the fix are as good as the twin: their median is. The third is only made where the first two do not agree.
bool cures(const Fix& fix, const Labelled& sick, Results& results) {
  int well = 0, ill = 0;
  for (uint64_t seed = 0; well < 2 && ill < 2; ++seed) {
    const TrialKey key = key_of(fix.fixed, seed, fix.name);
    std::optional<Json> known = results.find(key);
    if (!known) results.add(key, *(known = json_of(train(fix.fixed, seed))));
    ++(restored(outcome_from(*known).loss, sick.twin) >= cured ? well : ill);
  }
  return well == 2;
}

/// Those whose single fix cures; where none does, what was planted.
std::vector<Cause> causes_of(const Labelled& sick, Results& results) {
  std::vector<Cause> causes;
  for (const Fix& fix : single_fixes(sick.planted)) {
    if (std::ranges::find(causes, fix.cause) == causes.end() && cures(fix, sick, results)) causes.push_back(fix.cause);
  }
  return causes.empty() ? sick.planted.planted->causes : causes;
}

/// A training with one tool.
Verdict ask(const Competitor& competitor, const Case& each, uint64_t seed) {
  rectify::train::Prepared run = prepare(each, seed);
  const std::unique_ptr<Tool> tool = competitor.make({.planted = each, .run = run, .seed = seed});
  rectify::train::Listener* const listeners[] = {tool.get()};
  tool->on_end(run.model, rectify::train::fit(run.model, *run.optimiser, run.data, run.options, listeners));
  return tool->verdict();
}

constexpr const char *our_verdicts = "rectify.jsonl", *other_verdicts = "others.jsonl", *our_repairs = "repairs.jsonl";

}  // namespace

bool is_in(Half half, const Case& each, uint64_t seed) {
  const bool reporting = half == Half::reporting;
  return architecture(each.architecture).for_reporting == reporting && (seed % 2 == 1) == reporting;
}

Study::Study(StudyOptions options) : options_(std::move(options)) {}

bool Study::has_trial_in_half(const Case& each) const { return is_in(options_.half, each, options_.half == Half::reporting ? 1 : 0); }

void Study::label() {
  Results results(options_.folder / "trainings.jsonl");
  const std::vector<Case> cases = cases_of(options_);
  std::vector<Case> trained = cases;
  for (const Architecture& each : architectures()) trained.push_back(healthy(each, options_.folder / "data"));
  std::vector<Task> tasks;
  for (const Case& each : trained) {
    for (uint64_t seed = 0; seed < seeds; ++seed) {
      const TrialKey key = key_of(each, seed);
      if (!results.find(key)) tasks.push_back({each.name, [&results, &each, key, seed] { results.add(key, json_of(train(each, seed))); }});
    }
  }
  run_all("trainings", tasks, options_.threads);

  const auto outcomes_of = [&](const Case& each) {
    Outcomes outcomes;
    for (uint64_t seed = 0; seed < seeds; ++seed) outcomes.push_back(outcome_from(results.find(key_of(each, seed)).value()));
    return outcomes;
  };
  labelled_.clear();
  for (const Case& each : cases) {
    const Architecture& site = architecture(each.architecture);
    Labelled result{.planted = each, .outcomes = outcomes_of(each), .twin = outcomes_of(healthy(site, options_.folder / "data"))};
    if (each.planted) {
      result.harm = harm(result.outcomes, result.twin);
    } else {
      result.healthy = is_healthy(result.outcomes, site);
    }
    labelled_.push_back(std::move(result));
  }
}

void Study::find_causes() {
  Results results(options_.folder / "fixes.jsonl");
  std::vector<Task> tasks;
  for (Labelled& each : labelled_) {
    if (each.harm.harmful && has_trial_in_half(each.planted)) tasks.push_back({each.planted.name, [&each, &results] { each.causes = causes_of(each, results); }});
  }
  run_all("single fixes", tasks, options_.threads);
}

std::span<const Competitor> Study::asked() const {
  const std::span<const Competitor> all(competitors);
  return options_.half == Half::reporting ? all : all.first(1);
}

void Study::judge() {
  Results ours(options_.folder / our_verdicts), others(options_.folder / other_verdicts);
  std::vector<Task> tasks;
  judged_.clear();
  for (const Labelled& each : labelled_) {
    if (!each.planted.planted && !each.healthy) continue;
    for (uint64_t seed = 0; seed < seeds; ++seed) {
      if (is_in(options_.half, each.planted, seed)) judged_.push_back({.labelled = &each, .seed = seed, .verdicts = {}});
    }
  }
  // Those whose rules do not change first.
  for (const Competitor& competitor : std::views::reverse(asked())) {
    Results& results = &competitor == competitors ? ours : others;
    for (const Judged& each : judged_) {
      const Case& planted = each.labelled->planted;
      const TrialKey key = key_of(planted, each.seed, competitor.name);
      if (!results.find(key)) tasks.push_back({planted.name, [&results, &competitor, &planted, key] { results.add(key, json_of(ask(competitor, planted, key.seed))); }});
    }
  }
  run_all("diagnoses", tasks, options_.threads);
  for (const Competitor& competitor : asked()) {
    const Results& results = &competitor == competitors ? ours : others;
    for (Judged& each : judged_) each.verdicts[competitor.name] = verdict_from(results.find(key_of(each.labelled->planted, each.seed, competitor.name)).value());
  }
}

void Study::forget_ours() const {
  for (const char* file : {our_verdicts, our_repairs}) std::filesystem::remove(options_.folder / file);
}

void Study::repair() {
  Results results(options_.folder / our_repairs);
  std::vector<Task> tasks;
  for (const Judged& each : judged_) {
    const Case& sick = each.labelled->planted;
    const TrialKey key = key_of(sick, each.seed);
    if (each.labelled->harm.harmful && !results.find(key)) tasks.push_back({sick.name, [&results, &sick, key] { results.add(key, json_of(mend(sick, key.seed))); }});
  }
  run_all("repairs", tasks, options_.threads);
  for (Judged& each : judged_) {
    if (each.labelled->harm.harmful) each.mended = mended_from(results.find(key_of(each.labelled->planted, each.seed)).value());
  }
}

}  // namespace bench::diagnosis
