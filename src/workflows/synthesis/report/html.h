#pragma once
// Text and paths inside a page.

#include <string>
#include <string_view>

namespace fusion {

/// `text` as the content of an element or of a quoted attribute: nothing in it acts as markup. Control characters but
/// the line feed are left out, broken UTF-8 becomes U+FFFD.
std::string escape_html(std::string_view text);

/// A path below the page's folder as a link: all but letters, digits and "/._-" is percent-encoded and leading slashes
/// go, so that it names neither a scheme nor a host.
std::string link_path(std::string_view path);

/// The first `limit` bytes of a text, cut between characters, with "…" where something was left out.
std::string shortened(std::string_view text, size_t limit);

}  // namespace fusion
