#include "workflows/synthesis/catalogue/svg_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/config/test_support.h"
#include "foundation/core/text.h"

namespace fusion {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string svg_with(std::string_view work) {
  return cat(
      "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:cc=\"http://web.resource.org/cc/\" "
      "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
      "<metadata><rdf:RDF><cc:Work rdf:about=\"\">",
      work, "</cc:Work></rdf:RDF></metadata><path d=\"M0 0\"/></svg>");
}

constexpr std::string_view kWork =
    "<dc:title>\n  Red   Cat </dc:title><dc:creator><cc:Agent><dc:title>A. Author</dc:title></cc:Agent></dc:creator>"
    "<dc:subject><rdf:Bag><rdf:li>cat</rdf:li><rdf:li>animal</rdf:li></rdf:Bag></dc:subject>"
    "<cc:license rdf:resource=\"http://web.resource.org/cc/PublicDomain\"/>";

TEST(SvgMetadata, IsReadFromTheFirstWork) {
  const SvgMetadata metadata = read_svg_metadata(svg_with(kWork));
  EXPECT_EQ(metadata.title, "Red Cat");
  EXPECT_EQ(metadata.author, "A. Author");
  EXPECT_THAT(metadata.keywords, ElementsAre("cat", "animal"));
  EXPECT_EQ(metadata.licence, "http://web.resource.org/cc/PublicDomain");
}

TEST(SvgMetadata, IsEmptyWhereThereIsNone) {
  for (const std::string& svg : {std::string(), std::string("<svg/>"), std::string("no XML"), std::string("\0\0\0", 3),
                                 svg_with(""), std::string("<svg><title>Not this one</title></svg>")}) {
    const SvgMetadata metadata = read_svg_metadata(svg);
    EXPECT_EQ(metadata.title, "") << svg;
    EXPECT_THAT(metadata.keywords, IsEmpty());
  }
}

TEST(SvgMetadata, EndsWhereTheXmlBreaks) {
  const std::string whole = svg_with(kWork);
  for (size_t length = 0; length < whole.size(); ++length) {
    const std::string title = read_svg_metadata(std::string_view(whole).substr(0, length)).title;
    EXPECT_TRUE(title.empty() || title == "Red Cat" || title == "Red") << length << ": " << title;
  }
  EXPECT_EQ(read_svg_metadata("<svg></a></b></svg>").title, "");
}

TEST(SvgMetadata, NeverReadsAnotherFile) {
  const ScratchFolder folder;
  const std::string secret = folder.put("secret.txt", "secret");
  const std::string svg =
      cat("<!DOCTYPE svg [<!ENTITY x SYSTEM \"file://", secret, "\">]>",
          svg_with("<dc:title>cat &x;</dc:title>").substr(std::string("<?xml version=\"1.0\"?>\n").size()));
  EXPECT_EQ(read_svg_metadata(svg).title.find("secret"), std::string::npos);
}

TEST(SvgMetadata, StaysSmall) {
  // Each entity is ten of the one before: a gigabyte if they were all put in.
  std::string bomb = "<!DOCTYPE svg [<!ENTITY a0 \"aaaaaaaaaa\">";
  for (int i = 1; i < 9; ++i) {
    bomb += cat("<!ENTITY a", i, " \"");
    for (int j = 0; j < 10; ++j) bomb += cat("&a", i - 1, ";");
    bomb += "\">";
  }
  bomb += "]>" + svg_with("<dc:title>&a8;</dc:title>").substr(std::string("<?xml version=\"1.0\"?>\n").size());
  EXPECT_LE(read_svg_metadata(bomb).title.size(), 200U);
  EXPECT_EQ(read_svg_metadata(svg_with("<dc:title>" + std::string(100'000, 'a') + "</dc:title>")).title.size(), 200U);
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<g>";
  EXPECT_EQ(read_svg_metadata(deep).title, "");
}

}  // namespace
}  // namespace fusion
