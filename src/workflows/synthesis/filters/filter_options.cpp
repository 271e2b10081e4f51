#include "workflows/synthesis/filters/filter_options.h"

#include <vector>

#include "workflows/synthesis/filters/filter_table.h"

namespace fusion {

namespace {

template <class Options>
Options read_section(const JsonObject& filters, std::string_view section) {
  const nlohmann::json* value = filters.find(section);
  if (value == nullptr) return {};
  if (value->is_boolean()) {
    Options options;
    options.enabled = value->get<bool>();
    return options;
  }
  const auto options = read_fields<Options>(filters.object(section));
  check_filter_section(options, filters.who(section));
  return options;
}

}  // namespace

FilterOptions read_filter_options(const nlohmann::json& json, const std::string& file, const std::string& key) {
  const JsonObject filters(json, file, key);
  FilterOptions options;
  for_each_filter([&]<class Filter, class Options>(const FilterRow<Filter, Options>& row) {
    options.*row.options = read_section<Options>(filters, row.info.section);
  });
  filters.refuse_unread_keys();
  return options;
}

nlohmann::ordered_json filter_options_to_json(const FilterOptions& options) {
  auto json = nlohmann::ordered_json::object();
  for_each_filter([&](const auto& row) { json[std::string(row.info.section)] = write_fields(options.*row.options); });
  return json;
}

std::string describe_filters() {
  std::string text;
  for_each_filter([&]<class Filter, class Options>(const FilterRow<Filter, Options>& row) {
    text += cat(row.info.section, row.info.section == row.info.name ? "" : cat(" (", row.info.name, ")"), ": ",
                row.info.help, "\n", describe_fields<Options>());
  });
  return text;
}

std::span<const FilterInfo> filter_infos() {
  static const std::vector<FilterInfo> kInfos = [] {
    std::vector<FilterInfo> infos;
    for_each_filter([&infos](const auto& row) { infos.push_back(row.info); });
    infos.push_back({.name = kNothingLeft,
                     .section = "",
                     .looks_at = FilterTarget::kItem,
                     .help = "items of which no conversation was written, or none was kept"});
    return infos;
  }();
  return kInfos;
}

}  // namespace fusion
