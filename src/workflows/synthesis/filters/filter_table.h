#pragma once
// The one list of filters: a new one is a class, a member of FilterOptions and a row here.

#include <string>
#include <tuple>
#include <type_traits>

#include "workflows/synthesis/filters/filter_options.h"

namespace fusion {

template <class FilterClass, class Options>
struct FilterRow {
  using Filter = FilterClass;
  FilterInfo info;
  Options FilterOptions::* options;
};

template <class Filter, class Options>
constexpr FilterRow<Filter, Options> filter_row(Options FilterOptions::* options, std::string_view section,
                                                std::string_view name, std::string_view help) {
  constexpr FilterTarget kTarget = std::is_base_of_v<CaptionFilter, Filter>   ? FilterTarget::kCaption
                                   : std::is_base_of_v<PictureFilter, Filter> ? FilterTarget::kPicture
                                                                              : FilterTarget::kConversation;
  return {.info = {.name = name, .section = section, .looks_at = kTarget, .help = help}, .options = options};
}

/// A filter with a section of its own name.
template <class Filter, class Options>
constexpr FilterRow<Filter, Options> filter_row(Options FilterOptions::* options, std::string_view name,
                                                std::string_view help) {
  return filter_row<Filter>(options, name, name, help);
}

/// In the order in which they are asked: the cheap ones first.
inline constexpr auto kFilterTable = [] {
  using Self = FilterOptions;
  return std::tuple(
      filter_row<CaptionLength>(&Self::caption_length, "caption_length", "captions with too few or too many words"),
      filter_row<Language>(&Self::language, "language", "captions that are not English"),
      filter_row<GenericCaption>(&Self::generic_caption, "generic_caption",
                                 "captions that say nothing of what is seen"),
      filter_row<UnsafeCaption>(&Self::unsafe_words, "unsafe_words", "unsafe_caption",
                                "captions with a word of the list"),
      filter_row<LeakedCaption>(&Self::leakage, "leakage", "leaked_caption",
                                "captions with a passage of a benchmark's texts"),
      filter_row<DuplicateCaption>(&Self::duplicate_caption, "duplicate_caption", "captions (nearly) like one before"),
      filter_row<CaptionDiversity>(&Self::caption_diversity, "caption_diversity",
                                   "captions that begin as too many others do"),
      filter_row<PictureSize>(&Self::picture_size, "picture_size", "pictures that are too small, and strips"),
      filter_row<BlankPicture>(&Self::blank_picture, "blank_picture", "pictures of one shade"),
      filter_row<Agreement>(&Self::agreement, "agreement", "pictures that do not show what was described"),
      filter_row<LeakedPicture>(&Self::leakage, "leakage", "leaked_picture", "pictures like one of a benchmark"),
      filter_row<DuplicatePicture>(&Self::duplicate_picture, "duplicate_picture", "pictures like one before"),
      filter_row<Format>(&Self::format, "format", "rounds, options and answers that their kind does not allow"),
      filter_row<Choice>(&Self::choice, "choice", "answers that are none of the options"),
      filter_row<Refusal>(&Self::refusal, "refusal", "answers that refuse to answer"),
      filter_row<AnswerLeak>(&Self::answer_leak, "answer_leak", "questions that hold their answer or name its source"),
      filter_row<UnsafeConversation>(&Self::unsafe_words, "unsafe_words", "unsafe_conversation",
                                     "conversations with a word of the list"),
      filter_row<LeakedQuestion>(&Self::leakage, "leakage", "leaked_question",
                                 "questions with a passage of a benchmark's texts"),
      filter_row<Contradiction>(&Self::contradiction, "contradiction", "two answers to one question about a picture"),
      filter_row<DuplicateQuestion>(&Self::duplicate_question, "duplicate_question",
                                    "questions asked before about the picture, or too often"),
      filter_row<Balance>(&Self::balance, "balance", "answers that are ahead of the others"));
}();

/// Of items for which no conversation was written, or all were dropped.
inline constexpr std::string_view kNothingLeft = "nothing_left";

template <class Visit>
void for_each_filter(const Visit& visit) {
  std::apply([&visit](const auto&... row) { (visit(row), ...); }, kFilterTable);
}

/// Throws Error about `section` on a value out of its range.
template <class Options>
void check_filter_section(const Options& options, const std::string& section) {
  if constexpr (requires { options.check(section); }) options.check(section);
}

}  // namespace fusion
