#include "bench/diagnosis/study.h"

#include "bench/diagnosis/work.h"

namespace bench::diagnosis {
namespace {

Json json_of(const Outcome& outcome) {
  return {{"loss", to_json(outcome.loss)}, {"chance", outcome.chance}, {"steps", outcome.steps}, {"diverged", outcome.diverged}, {"seconds", outcome.seconds}};
}

Outcome outcome_from(const Json& json) {
  return {.loss = number_of(json.at("loss")), .chance = json.at("chance"), .steps = json.at("steps"), .diverged = json.at("diverged"), .seconds = json.at("seconds")};
}

}  // namespace

std::vector<Case> cases_of(const StudyOptions& options) {
  std::vector<Case> all;
  size_t place = 0;
  // Seven has no factor in common with the three severities or the twelve architectures, so that all of them occur.
  const auto add = [&](std::vector<Case> cases) {
    for (Case& each : cases) {
      if (options.subset && place++ % 7 != 0) continue;
      if (each.name.find(options.only) != std::string::npos) all.push_back(std::move(each));
    }
  };
  const std::filesystem::path data = options.folder / "data";
  add(faults(data));
  place = 0;
  add(controls(data));
  return all;
}

Outcomes twin_outcomes(const std::string& name, const StudyOptions& options) {
  Results results(options.folder / "trainings.jsonl");
  const Case twin = healthy(architecture(name), options.folder / "data");
  Outcomes outcomes;
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    const std::optional<Json> known = results.find(key_of(twin, seed));
    if (known) outcomes.push_back(outcome_from(*known));
  }
  return outcomes;
}

std::vector<Labelled> label(const StudyOptions& options) {
  Results results(options.folder / "trainings.jsonl");
  std::vector<Case> cases = cases_of(options), trained = cases;
  for (const Architecture& each : architectures()) trained.push_back(healthy(each, options.folder / "data"));
  std::vector<Task> tasks;
  for (const Case& each : trained) {
    for (uint64_t seed = 0; seed < seeds; ++seed) {
      const TrialKey key = key_of(each, seed);
      if (!results.find(key)) tasks.push_back({each.name, [&results, &each, key, seed] { results.add(key, json_of(train(each, seed))); }});
    }
  }
  run_all("trainings", tasks, options.threads);

  const auto outcomes_of = [&](const Case& each) {
    Outcomes outcomes;
    for (uint64_t seed = 0; seed < seeds; ++seed) outcomes.push_back(outcome_from(results.find(key_of(each, seed)).value()));
    return outcomes;
  };
  std::map<std::string, Outcomes> twins;
  for (const Architecture& each : architectures()) twins[each.name] = outcomes_of(healthy(each, options.folder / "data"));
  std::vector<Labelled> labelled;
  for (Case& each : cases) {
    Labelled result{.planted = each, .outcomes = outcomes_of(each)};
    if (each.planted) {
      result.harm = harm(result.outcomes, twins[each.architecture]);
    } else {
      result.healthy = is_healthy(result.outcomes, architecture(each.architecture));
    }
    labelled.push_back(std::move(result));
  }
  return labelled;
}

}  // namespace bench::diagnosis
