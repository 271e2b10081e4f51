#include "workflows/synthesis/kinds/kind_registry.h"

#include <algorithm>

#include "foundation/config/input_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/kinds/definitions.h"
#include "workflows/synthesis/kinds/kind_file.h"

namespace fusion {

namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{1} << 20;

/// The built-in ones as reports and recipes list them.
constexpr std::string_view kOrder[] = {"color",          "count",         "spatial",    "scene",
                                       "text",           "multi_choice",  "conv_short", "conv_long",
                                       "contrast_short", "contrast_long", "reasoning",  "text_qa"};

const SharedFormsMap& shared_forms() {
  static const SharedFormsMap kForms = read_shared_forms(definition(kFormsFile), std::string(kFormsFile));
  return kForms;
}

}  // namespace

KindRegistry KindRegistry::built_in() {
  static const KindRegistry kBuiltIn = [] {
    KindRegistry registry;
    for (const std::string_view stem : kOrder) {
      const std::string file = cat(stem, ".yaml");
      registry.add(read_kind(definition(file), file, shared_forms()));
    }
    return registry;
  }();
  return kBuiltIn;
}

void KindRegistry::add(Kind kind) {
  check_kind(kind, cat("kind ", printable(kind.name)));
  const auto same = std::ranges::find(kinds_, kind.name, &Kind::name);
  if (same != kinds_.end()) {
    *same = std::move(kind);
  } else {
    kinds_.push_back(std::move(kind));
  }
}

void KindRegistry::add_file(const std::string& path) {
  add(read_kind(read_text_file(path, kMaxFileBytes), path, shared_forms()));
}

const Kind& KindRegistry::find(std::string_view name) const {
  const auto found = std::ranges::find(kinds_, name, &Kind::name);
  if (found != kinds_.end()) return *found;
  const std::string near = closest_match(name, names());
  throw Error(
      {.who = cat("kind '", printable(name), "'"),
       .expected = cat("one of ", join(names(), ", ")),
       .got = "an unknown one",
       .hint = near.empty() ? "a kind of your own needs its file in kind_files" : cat("did you mean ", near, "?")});
}

std::vector<std::string> KindRegistry::names() const {
  std::vector<std::string> names;
  names.reserve(kinds_.size());
  for (const Kind& kind : kinds_) names.push_back(kind.name);
  return names;
}

}  // namespace fusion
