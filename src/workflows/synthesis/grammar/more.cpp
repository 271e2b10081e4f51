#include "workflows/synthesis/grammar/more.h"

#include <functional>
#include <span>

#include "foundation/core/text.h"
#include "workflows/synthesis/world/phrases.h"
#include "workflows/synthesis/world/scene_facts.h"

namespace fusion {

namespace {

/// A sentence and the fact that it tells.
struct Remark {
  std::string fact;
  std::string sentence;
};

void remark_on_subject(const Subject& subject, const Scene& scene, std::vector<Remark>& remarks) {
  const ObjectGroup& group = *subject.group;
  const std::string it = subject.single() ? "It" : "They";
  const std::string_view is = verb_to_be(subject.count);
  if (!group.color.empty() && !subject.by_color) {
    remarks.push_back({fact("color", group.noun), cat(it, " ", is, " ", group.color, ".")});
  }
  if (!subject.single()) {
    remarks.push_back({fact("count", group.noun), cat("There are ", number_word(subject.count), " of them.")});
  }
  const std::string_view where = region(extent(group));
  if (!where.empty()) {
    remarks.push_back({fact("region", group.noun), cat(it, " ", is, " ", region_words(where), " of the picture.")});
  }
  if (!subject.single()) return;
  for (const Subject& other : single_subjects(scene)) {
    if (other.group == subject.group) continue;
    const std::string_view side = relation(extent(group), extent(*other.group));
    if (side.empty()) continue;
    remarks.push_back({pair_fact("relation", subject.noun, other.noun),
                       cat(it, " is ", relation_words(side), " the ", other.noun, ".")});
  }
}

void remark_on_others(const Subject* subject, const Scene& scene, std::vector<Remark>& remarks) {
  for (const ObjectGroup& group : scene.groups) {
    if (subject != nullptr && group.noun == subject->group->noun) continue;
    remarks.push_back({fact("exists", group.noun), cat("There ", verb_to_be(group.count()), subject ? " also " : " ",
                                                       noun_phrase(group), " in the picture.")});
  }
}

void remark_on_setting(const Scene& scene, std::vector<Remark>& remarks) {
  const SettingFacts& facts = setting_facts(scene.setting);
  if (facts.bare && !scene.backdrop.empty()) {
    remarks.push_back({"backdrop", cat("The background is ", scene.backdrop, ".")});
  }
  if (facts.bare) return;
  if (facts.features.empty()) {
    remarks.push_back({"setting", cat("The scene is set ", facts.place, ".")});
  } else {
    remarks.push_back({"setting", cat("The scene is set ", facts.place, ", with ", facts.features, ".")});
  }
}

/// Up to two of those that tell something new. Remarks on the subject come first: "it" has to follow its name.
std::string choose(std::vector<Remark> on_subject, std::vector<Remark> on_others, const QueryContext& context,
                   Asked& asked) {
  const size_t wanted = 1 + context.random.below(2);
  std::vector<std::string> sentences;
  context.random.shuffle(std::span(on_subject));
  context.random.shuffle(std::span(on_others));
  for (std::vector<Remark>* remarks : {&on_subject, &on_others}) {
    for (const Remark& remark : *remarks) {
      if (sentences.size() == wanted) break;
      if (remark.fact == asked.fact || context.told.contains(remark.fact)) continue;
      if (!asked.told.insert(remark.fact).second) continue;
      sentences.push_back(remark.sentence);
    }
  }
  return join(sentences, " ");
}

}  // namespace

std::string more_about(const Subject& subject, const QueryContext& context, Asked& asked) {
  std::vector<Remark> on_subject;
  std::vector<Remark> on_others;
  remark_on_subject(subject, context.scene(), on_subject);
  remark_on_others(&subject, context.scene(), on_others);
  remark_on_setting(context.scene(), on_others);
  return choose(std::move(on_subject), std::move(on_others), context, asked);
}

std::string more_about_scene(const QueryContext& context, Asked& asked) {
  std::vector<Remark> on_others;
  remark_on_others(nullptr, context.scene(), on_others);
  remark_on_setting(context.scene(), on_others);
  return choose({}, std::move(on_others), context, asked);
}

}  // namespace fusion
