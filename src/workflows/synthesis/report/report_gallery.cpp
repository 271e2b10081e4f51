#include <algorithm>
#include <set>

#include "foundation/core/text.h"
#include "workflows/synthesis/report/html.h"
#include "workflows/synthesis/report/report_sections.h"

namespace fusion {

namespace {

constexpr size_t kTextBytes = 700;
constexpr size_t kOpenRounds = 2;

/// The kinds of the items; a kind's place is its number in the page's classes, so that its name is never markup.
std::vector<std::string> kinds_of(const std::vector<Item>& items) {
  std::set<std::string> names;
  for (const Item& item : items) {
    for (const Conversation& conversation : item.conversations) names.insert(conversation.kind);
  }
  return {names.begin(), names.end()};
}

size_t number_of(const std::vector<std::string>& kinds, const std::string& kind) {
  return static_cast<size_t>(std::ranges::lower_bound(kinds, kind) - kinds.begin());
}

/// A radio button for each kind and the rules that hide the other kinds' cards.
std::string kind_buttons(const std::vector<std::string>& kinds) {
  std::string inputs = "<input type=\"radio\" name=\"kind\" id=\"all\" checked>";
  std::string labels = "<label for=\"all\">all</label>";
  std::string rules = "#all:checked~.pills label[for=all]";
  std::string hiding;
  for (size_t i = 0; i < kinds.size(); ++i) {
    inputs += cat("<input type=\"radio\" name=\"kind\" id=\"k", i, "\">");
    labels += cat("<label for=\"k", i, "\">", escape_html(kinds[i]), "</label>");
    rules += cat(",#k", i, ":checked~.pills label[for=k", i, "]");
    hiding += cat(i == 0 ? "" : ",", "#k", i, ":checked~.cards .card:not(.k", i, ")");
  }
  return cat("<style>", rules, "{background:var(--accent);color:var(--on-accent);border-color:var(--accent)}", hiding,
             hiding.empty() ? "" : "{display:none}", "</style>\n", inputs, "<div class=\"pills\">", labels, "</div>\n");
}

std::string round_html(const Round& round) {
  return cat("<p class=\"q\">", escape_html(shortened(round.question, kTextBytes)), "</p><p class=\"a\">",
             escape_html(shortened(round.answer, kTextBytes)), "</p>");
}

std::string conversation_html(const Conversation& conversation, size_t number) {
  std::string html =
      cat("<div class=\"talk\"><span class=\"kind c", number % 6, "\">", escape_html(conversation.kind), "</span>");
  const size_t rounds = conversation.rounds.size();
  for (size_t i = 0; i < std::min(rounds, kOpenRounds); ++i) html += round_html(conversation.rounds[i]);
  if (rounds > kOpenRounds) {
    html += cat("<details><summary>", rounds - kOpenRounds, " more</summary>");
    for (size_t i = kOpenRounds; i < rounds; ++i) html += round_html(conversation.rounds[i]);
    html += "</details>";
  }
  return html + "</div>";
}

std::string card_html(const Item& item, const std::vector<std::string>& kinds) {
  std::set<size_t> numbers;
  std::string talks;
  for (const Conversation& conversation : item.conversations) {
    const size_t number = number_of(kinds, conversation.kind);
    numbers.insert(number);
    talks += conversation_html(conversation, number);
  }
  std::string classes = "card";
  for (const size_t number : numbers) classes += cat(" k", number);
  const std::string link = link_path(item.picture);
  const std::string size =
      item.width > 0 && item.height > 0 ? cat(" width=\"", item.width, "\" height=\"", item.height, "\"") : "";
  return cat("<article class=\"", classes, "\"><a href=\"", link, "\"><img src=\"", link, "\"", size,
             " loading=\"lazy\" alt=\"", escape_html(shortened(item.caption, kTextBytes)),
             "\"></a><div class=\"words\">", "<p class=\"caption\"><span class=\"id\">", item.id, "</span> ",
             escape_html(shortened(item.caption, kTextBytes)), "</p>", talks, "</div></article>\n");
}

}  // namespace

std::string gallery_section(const std::vector<Item>& items) {
  if (items.empty()) return section_html("gallery", "Gallery", "Nothing was kept.", "");
  const std::vector<std::string> kinds = kinds_of(items);
  std::string cards;
  for (const Item& item : items) cards += card_html(item, kinds);
  return section_html("gallery", "Gallery", "Drawn by chance, every kind in turn.",
                      cat(kind_buttons(kinds), "<div class=\"cards\">\n", cards, "</div>\n"));
}

}  // namespace fusion
