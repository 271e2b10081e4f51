#pragma once
// The words of a text, as the filters compare them.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fusion {

/// In lower case and in their order.
using Words = std::vector<std::string>;

/// The lower-case letter of a Latin, Greek, Cyrillic or Armenian capital; full-width Latin letters and digits become
/// ASCII. Everything else is itself.
uint32_t fold_case(uint32_t code);

/// Runs of letters and digits of any script, and apostrophes inside them. Characters that do not show (soft hyphens,
/// zero-width spaces and joiners) are passed over, so that they cannot hide a word. Broken UTF-8 parts words.
Words folded_words(std::string_view text);

/// Equal on every machine.
uint64_t hash_of(std::string_view text);
/// Of the words in this order.
uint64_t hash_of(std::span<const std::string> words);
/// Both in one; the order matters.
uint64_t combined_hash(uint64_t a, uint64_t b);

/// What two sets share over what they have together, 0 to 1; two empty ones are equal. Both are sorted, each element
/// once.
double jaccard_index(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b);

/// Sorted, each element once.
void make_set(std::vector<uint64_t>& elements);

/// Whether the word only holds a sentence together: "the", "is", "of", "with" ...
bool is_function_word(std::string_view word);

/// Whether the word says nothing of what is seen: "picture", "something", "beautiful", "various" ...
bool is_generic_word(std::string_view word);

/// The value of a number in digits, up to four of them, or as a word from "zero" to "twenty"; -1 for other words.
int64_t number_of(std::string_view word);

}  // namespace fusion
