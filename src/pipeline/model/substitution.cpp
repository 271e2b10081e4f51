#include "pipeline/model/substitution.h"

#include <algorithm>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

/// One row on its way: what to concatenate, and what is known of every position.
struct Row {
  std::vector<torch::Tensor> pieces;  // [n, H] each
  std::vector<int64_t> labels;
  std::vector<int64_t> questions;
  std::vector<int64_t> latents;
  std::vector<int64_t> images;
  std::vector<int64_t> pictures;  // of each block of latents

  int64_t length() const { return static_cast<int64_t>(labels.size()); }

  void append_features(const torch::Tensor& features) {
    pieces.push_back(features);
    labels.insert(labels.end(), features.size(0), kIgnoreLabel);
  }
};

bool is_placeholder(int64_t id) {
  return id == kImageToken || id == kLatentToken;
}

/// Embedding looks ids up before placeholders are replaced: another negative one must not pass for a word.
void refuse_unknown_ids(const torch::Tensor& ids) {
  const auto unknown = ids.lt(0) & ids.ne(kImageToken) & ids.ne(kLatentToken);
  if (!unknown.any().item<bool>()) return;
  throw Error({.who = "input ids",
               .expected = cat("token ids, ", kImageToken, " (picture) or ", kLatentToken, " (latent tokens)"),
               .got = cat(ids.masked_select(unknown)[0].item<int64_t>())});
}

std::vector<int64_t> values_at(const torch::Tensor& row, const torch::Tensor& places) {
  const auto values = row.index_select(0, places);
  return {values.const_data_ptr<int64_t>(), values.const_data_ptr<int64_t>() + values.numel()};
}

/// Whether each placeholder of a row becomes image tokens rather than latents.
std::vector<bool> image_places(const std::vector<int64_t>& ids, int64_t pictures) {
  std::vector<bool> places;
  int64_t shown = 0;
  bool after_latents = false;
  for (const int64_t id : ids) {
    if (!is_placeholder(id)) continue;
    places.push_back(false);
    const size_t own = places.size() - 1;
    if (id == kImageToken && shown < pictures) {
      // The first picture goes to the front of the row, wherever it is shown.
      const size_t place = shown == 0 ? 0 : after_latents ? own - 1 : own;
      places[place] = true;
      ++shown;
    }
    after_latents = id == kLatentToken;
  }
  return places;
}

Row substitute_row(const std::vector<int64_t>& ids, const std::vector<int64_t>& labels, const torch::Tensor& words,
                   const torch::Tensor& images, const torch::Tensor& latents) {
  const auto image_place = image_places(ids, images.size(0));
  const bool has_image = std::find(image_place.begin(), image_place.end(), true) != image_place.end();
  Row row;
  size_t placeholder = 0;
  int64_t shown = 0;
  for (size_t begin = 0; begin < ids.size();) {
    if (!is_placeholder(ids[begin])) {
      const auto end = static_cast<size_t>(std::find_if(ids.begin() + begin, ids.end(), is_placeholder) - ids.begin());
      row.pieces.push_back(words.slice(0, static_cast<int64_t>(begin), static_cast<int64_t>(end)));
      row.labels.insert(row.labels.end(), labels.begin() + begin, labels.begin() + end);
      begin = end;
      continue;
    }
    if (image_place[placeholder]) {
      for (int64_t i = 0; i < images.size(1); ++i) row.images.push_back(row.length() + i);
      row.append_features(images[shown]);
      ++shown;
    } else {
      const int64_t picture = std::max<int64_t>(shown - 1, 0);
      for (int64_t i = 0; i < latents.size(1); ++i) row.latents.push_back(row.length() + i);
      row.append_features(has_image ? latents[picture] : torch::zeros_like(latents[picture]));
      row.pictures.push_back(picture);
    }
    ++placeholder;
    ++begin;
  }
  for (int64_t i = 0; i < row.length(); ++i) {
    if (row.labels[i] != kQuestionLabel) continue;
    row.questions.push_back(i);
    row.labels[i] = kIgnoreLabel;
  }
  return row;
}

void cut(Row& row, int64_t max_length, int64_t query_len) {
  if (row.length() > max_length) row.labels.resize(max_length);
  for (auto* positions : {&row.questions, &row.images}) {
    std::erase_if(*positions, [&](int64_t position) { return position >= max_length; });
  }
  const auto kept = std::min(row.latents.size(), row.questions.size() * query_len);
  row.latents.resize(kept);
}

/// [rows, width] int64.
torch::Tensor padded(const std::vector<std::vector<int64_t>>& rows, int64_t width, int64_t padding) {
  auto result = torch::full({static_cast<int64_t>(rows.size()), width}, padding, torch::kInt64);
  auto cells = result.accessor<int64_t, 2>();
  for (size_t b = 0; b < rows.size(); ++b) {
    for (size_t i = 0; i < rows[b].size(); ++i) cells[b][i] = rows[b][i];
  }
  return result;
}

}  // namespace

int64_t uncut_length(const PreparedInput& input, int64_t image_tokens, int64_t pictures) {
  const auto image = input.input_ids.eq(kImageToken) & input.attention_mask;
  const auto latent = input.input_ids.eq(kLatentToken) & input.attention_mask;
  const auto placeholders = (image | latent).sum(1);
  const auto latents_only = input.attention_mask.sum(1) + placeholders * (input.query_len - 1);
  const auto shown = image.sum(1).clamp_max(pictures);
  return (latents_only + shown * (image_tokens - input.query_len)).max().item<int64_t>();
}

MergedSequence substitute(const PreparedInput& input, const Substitutes& substitutes, int64_t max_length) {
  const int64_t batch = input.input_ids.size(0);
  const auto ids = input.input_ids.to(torch::kCPU);
  const auto labels = input.labels.to(torch::kCPU);
  const auto mask = input.attention_mask.to(torch::kCPU);
  refuse_unknown_ids(ids);
  const auto device = substitutes.words.device();

  std::vector<torch::Tensor> embeds;
  std::vector<std::vector<int64_t>> row_labels, questions, latents, images, pictures, positions;
  int64_t longest = 0;
  size_t most_questions = 0;
  size_t most_image_tokens = 0;
  for (int64_t b = 0; b < batch; ++b) {
    const auto kept = mask[b].nonzero().squeeze(1);  // masked positions are dropped, wherever they stand
    Row row = substitute_row(values_at(ids[b], kept), values_at(labels[b], kept),
                             substitutes.words[b].index_select(0, kept.to(device)), substitutes.image[b],
                             substitutes.latents[b]);
    cut(row, max_length, input.query_len);
    embeds.push_back(torch::cat(row.pieces).slice(0, 0, row.length()));
    longest = std::max(longest, row.length());
    most_questions = std::max(most_questions, row.questions.size());
    positions.emplace_back(row.length());
    for (int64_t i = 0; i < row.length(); ++i) positions.back()[i] = i;
    row_labels.push_back(std::move(row.labels));
    questions.push_back(std::move(row.questions));
    latents.push_back(std::move(row.latents));
    most_image_tokens = std::max(most_image_tokens, row.images.size());
    images.push_back(std::move(row.images));
    pictures.push_back(std::move(row.pictures));
  }
  for (auto& row : embeds) row = torch::constant_pad_nd(row, {0, 0, 0, longest - row.size(0)});

  // Even without a question there is one slot, of -1, for every row: shapes stay those of a batch.
  const auto slots = static_cast<int64_t>(std::max<size_t>(most_questions, 1));
  MergedSequence merged;
  merged.embeds = torch::stack(embeds);
  merged.labels = padded(row_labels, longest, kIgnoreLabel).to(device);
  merged.position_ids = padded(positions, longest, 0).to(device);
  merged.question_positions = padded(questions, slots, -1).to(device);
  merged.latent_positions = padded(latents, slots * input.query_len, -1).to(device);
  merged.image_positions = padded(images, static_cast<int64_t>(most_image_tokens), -1).to(device);
  for (auto& row : pictures) row.resize(static_cast<size_t>(slots));  // a question for each block, or none for it
  merged.latent_pictures = padded(pictures, slots, 0).to(device);
  std::vector<std::vector<int64_t>> ones;
  for (const auto& row : positions) ones.emplace_back(row.size(), 1);
  merged.attention_mask = padded(ones, longest, 0).to(torch::kBool).to(device);
  return merged;
}

}  // namespace fusion
