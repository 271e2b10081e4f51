#include <iomanip>
#include <sstream>

#include "foundation/core/number_text.h"
#include "foundation/core/text.h"
#include "workflows/evaluation/grading/grade.h"

namespace fusion {

namespace {

nlohmann::ordered_json kind_json(const KindScore& score) {
  nlohmann::ordered_json json = {{"model", score_json(score.model)}, {"guess", score_json(score.guess)}};
  if (score.blank_picture.total > 0) json["blank_picture"] = score_json(score.blank_picture);
  return json;
}

std::string interval_text(const Score& score) {
  const Interval interval = score.interval();
  return cat(percent_text(interval.low), " to ", percent_text(interval.high));
}

void add_row(std::ostream& out, size_t width, const std::string& name, const KindScore& score) {
  const auto blank = score.blank_picture.total > 0 ? percent_text(score.blank_picture.share()) : std::string("-");
  out << std::left << std::setw(static_cast<int>(width)) << name << std::right << std::setw(11) << score.model.total
      << std::setw(10) << percent_text(score.model.share()) << "  " << std::setw(18) << interval_text(score.model)
      << std::setw(10) << percent_text(score.guess.share()) << std::setw(15) << blank << "\n";
}

}  // namespace

nlohmann::ordered_json grade_json(const GradeReport& report) {
  nlohmann::ordered_json kinds = nlohmann::ordered_json::object();
  for (const auto& [name, score] : report.kinds) kinds[name] = kind_json(score);
  return {{"overall", report.all.model.share()}, {"all", kind_json(report.all)}, {"kinds", kinds}};
}

std::string grade_text(const GradeReport& report) {
  size_t width = std::string_view("kind").size();
  for (const auto& [name, score] : report.kinds) width = std::max(width, name.size());
  std::ostringstream out;
  out << std::left << std::setw(static_cast<int>(width)) << "kind" << std::right << std::setw(11) << "questions"
      << std::setw(10) << "right" << "  " << std::setw(18) << "95 % interval" << std::setw(10) << "guess"
      << std::setw(15) << "blank picture" << "\n";
  for (const auto& [name, score] : report.kinds) add_row(out, width, name, score);
  if (report.kinds.size() > 1) add_row(out, width, "all", report.all);
  return out.str();
}

}  // namespace fusion
