#include "workflows/training/loop/resume_check.h"

#include <optional>
#include <set>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/training/loop/train_config.h"

namespace fusion {

namespace {

constexpr const char* kOtherRun = "name another output to begin a new run";

void require_same_parameters(const StoredState& state, const ShardedAdamW& optimizer) {
  std::set<std::string> stored;
  for (const std::string& name : state.parameter_names()) stored.insert(name);
  std::vector<std::string> missing;
  for (const ParameterGroup& group : optimizer.parameters().groups) {
    for (const NamedParameter& parameter : group.parameters) {
      const bool fits = stored.erase(parameter.name) == 1 &&
                        state.values("weight", parameter.name).numel() == parameter.value.numel();
      if (!fits) missing.push_back(parameter.name);
    }
  }
  if (missing.empty() && stored.empty()) return;
  const auto some = [](const auto& names) {
    std::vector<std::string> first(names.begin(),
                                   std::next(names.begin(), std::min<std::ptrdiff_t>(3, std::ssize(names))));
    return cat(join(first, ", "),
               names.size() > first.size() ? cat(" and ", names.size() - first.size(), " more") : "");
  };
  throw Error({.who = state.folder(),
               .expected = "the parameters that this run trains",
               .got = cat(missing.empty() ? "" : cat("none, or of another size, for ", some(missing)),
                          missing.empty() || stored.empty() ? "" : "; ",
                          stored.empty() ? "" : cat("some of its own: ", some(stored))),
               .cause = "a checkpoint of another architecture, or other groups were frozen",
               .hint = kOtherRun});
}

/// Settings that the run takes from the model's own files and not from its config. Older checkpoints know nothing of
/// them.
void require_same_model_files(const std::string& folder, const RunPosition& then, const RunPosition& now) {
  if (then.model_files.empty()) return;
  std::set<std::string> names;
  for (const auto* position : {&then, &now}) {
    for (const auto& [name, unused] : position->model_files) names.insert(name);
  }
  const auto fingerprint = [](const RunPosition& position, const std::string& name) {
    const auto found = position.model_files.find(name);
    return found == position.model_files.end() ? std::nullopt : std::optional(found->second);
  };
  std::erase_if(names, [&](const std::string& name) { return fingerprint(then, name) == fingerprint(now, name); });
  if (names.empty()) return;
  throw Error({.who = folder,
               .expected = "the model that the run began with",
               .got = cat("another ", join(names, ", another ")),
               .hint = cat("restore it, or ", kOtherRun)});
}

}  // namespace

void require_same_run(const StoredState& state, const RunPosition& now, const ShardedAdamW& optimizer) {
  const RunPosition& then = state.position();
  const std::string& folder = state.folder();
  const auto differences = differences_that_matter(parse_train_config(then.config, folder + "/trainer.json"),
                                                   parse_train_config(now.config, folder + "/trainer.json"));
  if (!differences.empty()) {
    throw Error({.who = folder,
                 .expected = "the settings that the run began with",
                 .got = cat("others (then and now): ", join(differences, "; ")),
                 .hint = cat("undo the change, or ", kOtherRun)});
  }
  require_same_parameters(state, optimizer);
  if (!optimizer.parameters().frozen.empty() && then.model_fingerprint != now.model_fingerprint) {
    throw Error({.who = folder,
                 .expected = "the model that the run began with, for its frozen weights are those",
                 .got = "another one",
                 .hint = cat("name the model of then, or ", kOtherRun)});
  }
  require_same_model_files(folder, then, now);
  if (then.data_fingerprint != now.data_fingerprint || then.total_steps != now.total_steps) {
    throw Error({.who = folder,
                 .expected = "the data that the run began with",
                 .got = "a mixture with other files, sizes or strategies",
                 .hint = cat("restore it, or ", kOtherRun)});
  }
}

bool same_validation(const StoredState& state, const RunPosition& now) {
  const auto records = [](const nlohmann::ordered_json& config) {
    const auto section = config.value("validation", nlohmann::ordered_json::object());
    return cat(section.value("mixture", ""), " ", section.value("samples", 0));
  };
  return records(state.position().config) == records(now.config);
}

}  // namespace fusion
