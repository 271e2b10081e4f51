#pragma once
// Which names can be used for things, and what follows from a name: its plural, its category, what it is taken for.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fusion {

/// How capitals are to be read.
enum class NameStyle {
  kSentence,  ///< "a Magellanic penguin": a capital marks a proper name, which is left out
  kTitle,     ///< "Hot Dog": capitals mean nothing
};

/// The tables of nouns.json and names.json, and the rules of English that need them.
class NounTable {
 public:
  /// The table that is part of the program.
  static NounTable embedded();
  /// \param json   the text of nouns.json
  /// \param names  the text of names.json
  explicit NounTable(std::string_view json, std::string_view names = "{}");

  /// The noun that names.json gives the look with this id, for pictures whose own name says it in another language, not
  /// as one thing, or not at all. It was written with the picture in view: no rule is asked.
  std::optional<std::string> given(std::string_view id) const;
  size_t given_names() const { return given_.size(); }

  /// The noun that `name` gives a thing that can be counted: one to three lower-case words without article, colour and
  /// other decoration ("A red hot-air balloon!" is "hot-air balloon", "blue jeans" are a "pair of jeans"). Nothing
  /// where the name is no such noun: numbers, other letters than English ones, plurals, what cannot be counted, unsafe
  /// words.
  std::optional<std::string> clean(std::string_view name, NameStyle style) const;
  /// Of a noun as clean() returns it.
  std::string plural(std::string_view noun) const;
  /// See Look::family.
  std::string family(std::string_view noun) const;
  /// The longest end of `noun` of which each word, or the whole, is in the table: "tennis racket" of "Brian's tennis
  /// racket", but "cat" of "gatto cat". Nothing where not even the last word is.
  std::optional<std::string> known_part(std::string_view noun) const;
  /// Whether the drawing of openclipart with this path, without ".svg", shows something else than it is called, several
  /// things, or hardly anything.
  bool misnamed(std::string_view drawing) const { return misnamed_.contains(drawing); }
  /// Nothing for a noun that is not in the table.
  std::optional<std::string> category(std::string_view noun) const;

 private:
  using Words = std::set<std::string, std::less<>>;
  using WordMap = std::map<std::string, std::string, std::less<>>;

  void read_given(std::string_view names);
  bool is_plural(std::string_view word) const;
  bool countable(const std::vector<std::string>& words) const;
  std::string plural_word(std::string_view word) const;

  WordMap categories_;  ///< of a noun
  WordMap families_;    ///< of a noun
  WordMap irregular_;   ///< plural of a singular
  Words irregular_plurals_;
  Words pairs_;        ///< plurals that are one thing: "scissors"
  Words singular_;     ///< end with an s all the same: "bus"
  Words uncountable_;  ///< "bread"
  Words unusable_;     ///< a name with one of them says more than what the thing is
  Words decoration_;   ///< may be left out
  Words unsafe_;       ///< not to be shown at all
  Words misnamed_;     ///< paths below openclipart's folder
  WordMap given_;      ///< noun of a look's id
};

}  // namespace fusion
