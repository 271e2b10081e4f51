#pragma once
// The filters of a recipe.

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "workflows/synthesis/filters/captions/caption_diversity.h"
#include "workflows/synthesis/filters/captions/caption_length.h"
#include "workflows/synthesis/filters/captions/duplicate_caption.h"
#include "workflows/synthesis/filters/captions/generic_caption.h"
#include "workflows/synthesis/filters/captions/language.h"
#include "workflows/synthesis/filters/conversations/balance.h"
#include "workflows/synthesis/filters/conversations/choice.h"
#include "workflows/synthesis/filters/conversations/contradiction.h"
#include "workflows/synthesis/filters/conversations/duplicate_question.h"
#include "workflows/synthesis/filters/conversations/format.h"
#include "workflows/synthesis/filters/conversations/phrases.h"
#include "workflows/synthesis/filters/leakage/leak_index.h"
#include "workflows/synthesis/filters/pictures/picture_filters.h"
#include "workflows/synthesis/filters/unsafe_words.h"

namespace fusion {

/// A section for each filter; what a recipe does not name is on, with its defaults. These aim at what is plainly wrong
/// (another language, a refusal, a blank picture, an answer that is none of the options) and at what takes over a run.
/// The embedded world, whose captions and pictures are of one grammar, keeps nearly all with them.
struct FilterOptions {
  CaptionLengthOptions caption_length = {};
  LanguageOptions language = {};
  GenericCaptionOptions generic_caption = {};
  UnsafeWordsOptions unsafe_words = {};
  DuplicateCaptionOptions duplicate_caption = {};
  CaptionDiversityOptions caption_diversity = {};
  LeakageOptions leakage = {};
  PictureSizeOptions picture_size = {};
  BlankPictureOptions blank_picture = {};
  DuplicatePictureOptions duplicate_picture = {};
  AgreementOptions agreement = {};
  FormatOptions format = {};
  ChoiceOptions choice = {};
  PhraseOptions refusal = {};
  PhraseOptions answer_leak = {};
  ContradictionOptions contradiction = {};
  DuplicateQuestionOptions duplicate_question = {};
  BalanceOptions balance = {};
};

/// The section `filters` of a recipe:
///
///     filters:
///       duplicate_caption: {similarity: 0.9}
///       language: false                        # the same as {enabled: false}
///       leakage: {benchmarks: [data/mmbench, data/pope]}
///
/// Throws Error on an unknown filter (with the one that it resembles), an unknown key, another type, and a value out of
/// its range. Reads no other file.
FilterOptions read_filter_options(const nlohmann::json& json, const std::string& file, const std::string& key);

/// All sections in full, for what says how a run was made. The inverse of reading.
nlohmann::ordered_json filter_options_to_json(const FilterOptions& options);

/// Help text: the filters, each with its options.
std::string describe_filters();

/// What a filter looks at.
enum class FilterTarget { kCaption, kPicture, kConversation, kItem };

struct FilterInfo {
  std::string_view name;     ///< as `dropped_by` spells it
  std::string_view section;  ///< of FilterOptions
  FilterTarget looks_at = FilterTarget::kItem;
  std::string_view help;  ///< what it drops, in a few words
};

/// All of them in the order in which they are asked, and at the end "nothing_left": items whose every conversation was
/// dropped.
std::span<const FilterInfo> filter_infos();

}  // namespace fusion
