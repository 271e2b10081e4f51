#include "fusion/answer_report.h"

namespace fusion::app {

nlohmann::json answer_json(const std::string& picture, const std::string& question, const Answer& answer,
                           int64_t latents) {
  return {
      {"picture", picture.empty() ? nlohmann::json() : nlohmann::json(picture)},
      {"question", question},
      {"answer", answer.text},
      {"stop", stop_name(answer.generation.stop_reason)},
      {"latent_tokens", latents},
      {"prompt_positions", answer.generation.prompt_length},
      {"new_tokens", answer.generation.ids.size()},
      {"encoded_tiles", answer.encoded_tiles},
      {"seconds",
       {{"picture", answer.times.picture}, {"first_token", answer.times.first_token}, {"total", answer.times.total}}}};
}

std::string json_text(const nlohmann::json& value, int indent) {
  return value.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace fusion::app
