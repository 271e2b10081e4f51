#include "workflows/synthesis/catalogue/sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "foundation/config/test_support.h"
#include "foundation/core/text.h"

namespace fusion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const NounTable& noun_table() {
  static const NounTable kTable = NounTable::embedded();
  return kTable;
}

std::vector<std::string> ids(const std::vector<Look>& looks) {
  std::vector<std::string> out;
  for (const Look& look : looks) out.push_back(look.id);
  return out;
}

void make_folder(const ScratchFolder& folder, const std::string& name) {
  std::filesystem::create_directories(folder / name);
}

std::string svg_named(std::string_view title, std::string_view licence = "http://web.resource.org/cc/PublicDomain") {
  return cat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:cc=\"c\" xmlns:dc=\"d\" "
      "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><metadata><rdf:RDF><cc:Work><dc:title>",
      title, "</dc:title><cc:license rdf:resource=\"", licence, "\"/></cc:Work></rdf:RDF></metadata></svg>");
}

TEST(Stamps, AreNamedByTheTextBesideThem) {
  const ScratchFolder folder;
  make_folder(folder, "animals/birds");
  make_folder(folder, "symbols");
  folder.put("animals/birds/owl.png", "x");
  folder.put("animals/birds/owl.txt", "An owl.\nde.utf8=Eine Eule.\n");
  folder.put("animals/birds/owl.svg", "x");
  folder.put("animals/xen.svg", "x");
  folder.put("animals/xen.txt", "A red xanthia.");
  folder.put("symbols/a.png", "x");
  folder.put("symbols/a.txt", "A letter.");
  const auto looks = stamp_looks(folder.path(), noun_table());
  ASSERT_THAT(ids(looks), ElementsAre("stamp/animals/birds/owl", "stamp/animals/xen"));
  EXPECT_EQ(looks[0].format, LookFormat::kPng);
  EXPECT_EQ(looks[0].family, "bird");
  EXPECT_EQ(looks[1].noun, "xanthia");
  EXPECT_EQ(looks[1].category, "animal") << "by its folder";
  EXPECT_EQ(looks[1].licence, "GPL-2+");
}

TEST(Stamps, LeaveOutWhatHasNoUsableText) {
  const ScratchFolder folder;
  folder.put("alone.png", "x");
  folder.put("text_alone.txt", "A cat.");
  folder.put("two.png", "x");
  folder.put("two.txt", "Two cats.");
  folder.put("empty.png", "x");
  folder.put("empty.txt", "");
  folder.put("binary.png", "x");
  folder.put("binary.txt", std::string("A \x01\x02\xFF\0 cat", 10));
  folder.put("huge.png", "x");
  folder.put("huge.txt", "A cat.\n" + std::string(1 << 20, 'x'));
  std::filesystem::create_directory(folder / "folder.png");
  folder.put("folder.txt", "A cat.");
  folder.put("linked.txt", "A cat.");
  std::filesystem::create_symlink("/dev/zero", folder / "linked.png");
  EXPECT_THAT(stamp_looks(folder.path(), noun_table()), IsEmpty());
}

TEST(Openclipart, IsNamedByItsTitleOrItsFile) {
  const ScratchFolder folder;
  make_folder(folder, "animals");
  make_folder(folder, "signs_and_symbols");
  folder.put("animals/a.svg", svg_named("Emperor Penguin"));
  folder.put("animals/b.svg", svg_named("Gatto Cat"));
  folder.put("animals/blacksmith_anvil_author.svg", svg_named("R15 General"));
  folder.put("animals/copy.svg", svg_named("Emperor Penguin"));
  folder.put("animals/lucertola.svg", svg_named("Lucertola"));
  folder.put("signs_and_symbols/cat.svg", svg_named("Cat") + " ");
  const auto looks = openclipart_looks(folder.path(), noun_table());
  ASSERT_THAT(ids(looks), ElementsAre("openclipart/animals/a", "openclipart/animals/b",
                                      "openclipart/animals/blacksmith_anvil_author"));
  EXPECT_EQ(looks[0].noun, "emperor penguin");
  EXPECT_EQ(looks[1].noun, "cat");
  EXPECT_EQ(looks[2].noun, "anvil");
  EXPECT_EQ(looks[2].title, "R15 General");
}

TEST(Openclipart, LeavesOutOtherLicencesBitmapsAndBrokenFiles) {
  const ScratchFolder folder;
  folder.put("cat_gpl.svg", svg_named("Cat", "http://creativecommons.org/licenses/GPL/2.0/"));
  folder.put("cat_none.svg", "<svg/>");
  folder.put("cat_broken.svg", svg_named("Cat").substr(0, 150));
  folder.put("cat_empty.svg", "");
  folder.put("cat_image.svg", svg_named("Cat") + "<image/>");
  folder.put("cat_huge.svg", svg_named("Cat") + std::string(1 << 20, ' '));
  folder.put("bad.svg", svg_named("\x01\x02"));
  folder.put("number.svg", svg_named("12345"));
  EXPECT_THAT(openclipart_looks(folder.path(), noun_table()), IsEmpty());
}

TEST(Emoji, AreNamedByTheList) {
  const ScratchFolder folder;
  const std::string file = folder.put("emoji-test.txt",
                                      "# group: Animals & Nature\n\n# subgroup: animal-mammal\n"
                                      "1F436 ; fully-qualified # X E0.6 dog face\r\n"
                                      "1F415 200D 1F9BA ; fully-qualified # X E12.0 service dog\n"
                                      "1F43F ; unqualified # X E0.7 chipmunk\n"
                                      "1F43F FE0F ; fully-qualified # X E0.7 chipmunk\n"
                                      "# group: Travel & Places\n# subgroup: time\n"
                                      "23F0 ; fully-qualified # X E0.6 alarm clock\n"
                                      "# group: Flags\n# subgroup: flag\n"
                                      "1F6A9 ; fully-qualified # X E0.6 cat\n");
  const auto looks = emoji_looks(file, noun_table());
  ASSERT_THAT(ids(looks), ElementsAre("emoji/1f436", "emoji/1f43f"));
  EXPECT_EQ(looks[0].noun, "dog");
  EXPECT_EQ(looks[0].file, "\xF0\x9F\x90\xB6\xEF\xB8\x8F");
  EXPECT_EQ(looks[1].category, "animal");
}

TEST(Emoji, LeaveOutLinesThatAreBroken) {
  const ScratchFolder folder;
  const std::string head = "# group: Objects\n# subgroup: tool\n";
  for (const char* line :
       {"", ";", "#;", "zz ; fully-qualified # X E1 hammer", "FFFFFFFFFF ; fully-qualified # X E1 hammer",
        "110000 ; fully-qualified # X E1 hammer", "1F528 ; fully-qualified #", "1F528 ; fully-qualified # X",
        "1F528 fully-qualified # X E1 hammer", "1F528 ; fully-qualified # X E1 \x01\x02"}) {
    EXPECT_THAT(emoji_looks(folder.put("emoji.txt", head + line), noun_table()), IsEmpty()) << line;
  }
  EXPECT_THAT(emoji_looks(folder.put("emoji.txt", "1F528 ; fully-qualified # X E1 hammer"), noun_table()), IsEmpty())
      << "outside of any group";
  std::filesystem::resize_file(folder / "emoji.txt", 9 << 20);
  EXPECT_THAT(error_of([&] { (void)emoji_looks(folder / "emoji.txt", noun_table()); }), HasSubstr("emoji.txt"));
}

TEST(GivenNames, GoBeforeRulesAndSkippedFolders) {
  const ScratchFolder folder;
  make_folder(folder, "recreation/games/cards/white");
  make_folder(folder, "animals/birds");
  make_folder(folder, "people");
  folder.put("recreation/games/cards/white/white_s_a.svg", svg_named(" card"));
  folder.put("recreation/games/cards/white/unknown.svg", svg_named("card 2"));
  folder.put("animals/birds/cigno_architetto_frances_01.svg", svg_named("Cigno"));
  const auto drawings = openclipart_looks(folder.path(), noun_table());
  ASSERT_THAT(ids(drawings), ElementsAre("openclipart/animals/birds/cigno_architetto_frances_01",
                                         "openclipart/recreation/games/cards/white/white_s_a"));
  EXPECT_EQ(drawings[0].noun, "swan");
  EXPECT_EQ(drawings[0].category, "animal");
  EXPECT_EQ(drawings[1].nouns, "aces of spades");

  folder.put("people/fireman240a.png", "x");
  folder.put("people/fireman240a.txt", "A fireman.");
  folder.put("people/wig.png", "x");
  folder.put("people/wig.txt", "A wig.");
  const auto stamps = stamp_looks(folder.path(), noun_table());
  ASSERT_THAT(ids(stamps), ElementsAre("stamp/people/fireman240a"));
  EXPECT_EQ(stamps[0].noun, "firefighter");

  const auto emoji = emoji_looks(folder.put("emoji.txt",
                                            "# group: People & Body\n# subgroup: person-role\n"
                                            "1F469 200D 1F692 ; fully-qualified # X E4.0 woman firefighter\n"
                                            "1F470 ; fully-qualified # X E0.6 bride\n"
                                            "# group: Flags\n# subgroup: country-flag\n"
                                            "1F1EB 1F1F7 ; fully-qualified # X E2.0 flag: France\n"
                                            "1F1EB 1F1F7F1 ; fully-qualified # X E2.0 flag: France\n"),
                                 noun_table());
  ASSERT_THAT(ids(emoji), ElementsAre("emoji/1f1eb-1f1f7", "emoji/1f469-200d-1f692"));
  EXPECT_EQ(emoji[0].noun, "flag of France");
  EXPECT_EQ(emoji[1].file, "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x92");
}

/// What the packages of Debian 12 give; later ones may give more.
void expect_at_least(const CatalogueOptions& options, const std::string& place, size_t looks, size_t nouns) {
  if (!std::filesystem::exists(place)) GTEST_SKIP() << place << " is not installed";
  const auto catalogue = Catalogue::open(options);
  EXPECT_GE(catalogue->looks().size(), looks);
  EXPECT_GE(catalogue->things().size(), nouns);
  for (const Look& look : catalogue->looks()) {
    EXPECT_TRUE(std::ranges::count(look.noun, ' ') <= 2 || look.noun.starts_with("flag of ")) << look.id;
    EXPECT_NE(look.noun, "") << look.id;
    EXPECT_NE(look.family, "") << look.id;
  }
}

TEST(InstalledPackages, Openclipart) {
  expect_at_least({.objects = {"openclipart"}}, CatalogueOptions().openclipart, 2000, 800);
}
TEST(InstalledPackages, Stamps) {
  expect_at_least({.objects = {"stamps"}}, CatalogueOptions().stamps, 590, 455);
}
TEST(InstalledPackages, Emoji) {
  expect_at_least({.objects = {"emoji"}}, CatalogueOptions().emoji, 1040, 860);
}

/// A name that meets no picture is a typing error that would go unseen.
TEST(InstalledPackages, HaveEveryPictureThatIsGivenAName) {
  const CatalogueOptions options{.objects = {"openclipart", "stamps", "emoji"}};
  for (const std::string& place : {options.openclipart, options.stamps, options.emoji}) {
    if (!std::filesystem::exists(place)) GTEST_SKIP() << place << " is not installed";
  }
  const auto catalogue = Catalogue::open(options);
  size_t given = 0;
  for (const Look& look : catalogue->looks()) given += noun_table().given(look.id) == look.noun ? 1 : 0;
  EXPECT_EQ(given, noun_table().given_names());
}

}  // namespace
}  // namespace fusion
