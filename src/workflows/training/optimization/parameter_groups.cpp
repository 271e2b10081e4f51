#include "workflows/training/optimization/parameter_groups.h"

#include <torch/types.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/core/units.h"

namespace fusion {

namespace {

/// Every parameter once.
std::vector<NamedParameter> all_parameters(torch::nn::Module& module) {
  std::vector<NamedParameter> parameters;
  std::set<const void*> seen;
  for (auto& item : module.named_parameters()) {
    if (seen.insert(item.value().unsafeGetTensorImpl()).second) parameters.push_back({item.key(), item.value()});
  }
  return parameters;
}

/// The words of a name or pattern, without dots and wildcards.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c != '.' && c != '*' && c != '?') {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

void check_number(const std::string& who, double value) {
  if (std::isfinite(value) && value >= 0) return;
  throw Error({.who = who, .expected = "a number of 0 or more", .got = cat(value)});
}

void check_rules(std::span<const GroupRule> rules, double lr, double weight_decay) {
  check_number("learning rate", lr);
  check_number("weight decay", weight_decay);
  for (const GroupRule& rule : rules) {
    if (rule.lr) check_number("learning rate of " + rule.match, *rule.lr);
    if (rule.weight_decay) check_number("weight decay of " + rule.match, *rule.weight_decay);
  }
}

[[noreturn]] void throw_idle_rule(const GroupRule& rule, const std::vector<NamedParameter>& parameters) {
  const auto shadowed = std::ranges::count_if(
      parameters, [&](const auto& parameter) { return matches_pattern(rule.match, parameter.name); });
  if (shadowed > 0) {
    throw Error({.who = cat("parameter group \"", rule.match, "\""),
                 .expected = "parameters that no earlier group takes",
                 .got = cat("none: earlier groups match all ", shadowed),
                 .hint = "put the narrower pattern first"});
  }
  std::vector<std::string> names;
  names.reserve(parameters.size());
  for (const NamedParameter& parameter : parameters) names.push_back(parameter.name);
  throw Error({.who = cat("parameter group \"", rule.match, "\""),
               .expected = "a pattern that matches parameters",
               .got = cat("none of ", parameters.size()),
               .cause = "a pattern matches the whole name, * any characters",
               .hint = "similar names: " + similar_names(rule.match, names)});
}

/// The group's two halves: with weight decay, and the 1-D parameters without.
void add_group(GroupedParameters& grouped, const ParameterGroup& settings, std::vector<NamedParameter> members) {
  const auto add = [&](std::string name, double weight_decay, std::vector<NamedParameter> parameters) {
    if (parameters.empty()) return;
    grouped.groups.push_back({std::move(name), settings.lr, weight_decay, std::move(parameters)});
  };
  if (settings.weight_decay == 0) return add(settings.name, 0, std::move(members));
  const auto flat = std::ranges::stable_partition(members, [](const auto& member) { return member.value.dim() > 1; });
  std::vector<NamedParameter> one_dimensional(flat.begin(), flat.end());
  members.erase(flat.begin(), flat.end());
  add(settings.name, settings.weight_decay, std::move(members));
  add(settings.name + " (1-D)", 0, std::move(one_dimensional));
}

using Row = std::array<std::string, 5>;

Row row_of(const std::string& name, const std::vector<NamedParameter>& parameters, std::string lr,
           std::string weight_decay) {
  uint64_t count = 0;
  for (const NamedParameter& parameter : parameters) count += static_cast<uint64_t>(parameter.value.numel());
  return {name, cat(parameters.size()), count_text(count), std::move(lr), std::move(weight_decay)};
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view name) {
  size_t p = 0;
  size_t n = 0;
  size_t star = std::string_view::npos;  // the last * seen, and how much of the name it takes so far
  size_t taken = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::string similar_names(const std::string& pattern, const std::vector<std::string>& names) {
  std::set<std::string> known;
  for (const std::string& name : names) {
    for (std::string& word : words_of(name)) known.insert(std::move(word));
  }
  std::set<std::string> meant;
  for (const std::string& word : words_of(pattern)) {
    meant.insert(closest_match(word, std::vector<std::string>(known.begin(), known.end())));
  }
  std::vector<std::pair<int64_t, std::string>> ranked;
  for (const std::string& name : names) {
    const auto words = words_of(name);
    ranked.emplace_back(-std::ranges::count_if(words, [&](const auto& word) { return meant.contains(word); }), name);
  }
  std::ranges::stable_sort(ranked, {}, [](const auto& entry) { return entry.first; });
  ranked.resize(std::min<size_t>(ranked.size(), 3));
  std::vector<std::string> similar;
  similar.reserve(ranked.size());
  for (auto& [rank, name] : ranked) similar.push_back(std::move(name));
  return join(similar, ", ");
}

GroupedParameters group_parameters(torch::nn::Module& module, double lr, double weight_decay,
                                   std::span<const GroupRule> rules) {
  check_rules(rules, lr, weight_decay);
  const auto parameters = all_parameters(module);
  std::vector<std::vector<NamedParameter>> members(rules.size() + 1);  // the last: those of no rule
  for (const NamedParameter& parameter : parameters) {
    const auto rule = std::ranges::find_if(
        rules, [&](const GroupRule& candidate) { return matches_pattern(candidate.match, parameter.name); });
    members[static_cast<size_t>(rule - rules.begin())].push_back(parameter);
  }

  GroupedParameters grouped;
  for (size_t i = 0; i < rules.size(); ++i) {
    const GroupRule& rule = rules[i];
    if (members[i].empty()) throw_idle_rule(rule, parameters);
    if (rule.frozen) {
      std::ranges::move(members[i], std::back_inserter(grouped.frozen));
    } else {
      add_group(grouped, {rule.match, rule.lr.value_or(lr), rule.weight_decay.value_or(weight_decay)},
                std::move(members[i]));
    }
  }
  add_group(grouped, {"the rest", lr, weight_decay}, std::move(members.back()));
  if (grouped.groups.empty()) {
    throw Error({.who = "parameter groups",
                 .expected = "parameters to train",
                 .got = cat("none: all ", parameters.size(), " are frozen")});
  }
  for (NamedParameter& parameter : grouped.frozen) parameter.value.set_requires_grad(false);
  for (ParameterGroup& group : grouped.groups) {
    for (NamedParameter& parameter : group.parameters) parameter.value.set_requires_grad(true);
  }
  return grouped;
}

std::string group_table(const GroupedParameters& grouped) {
  std::vector<Row> rows{{"group", "tensors", "parameters", "learning rate", "weight decay"}};
  for (const ParameterGroup& group : grouped.groups) {
    rows.push_back(row_of(group.name, group.parameters, cat(group.lr), cat(group.weight_decay)));
  }
  if (!grouped.frozen.empty()) rows.push_back(row_of("frozen", grouped.frozen, "-", "-"));

  std::array<size_t, 5> widths{};
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string table;
  for (const Row& row : rows) {
    table += row[0] + std::string(widths[0] - row[0].size(), ' ');
    for (size_t i = 1; i < row.size(); ++i) table += std::string(2 + widths[i] - row[i].size(), ' ') + row[i];
    table += '\n';
  }
  return table;
}

}  // namespace fusion
