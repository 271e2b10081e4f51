#include "workflows/synthesis/kinds/kind_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "foundation/config/test_support.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/kinds/definitions.h"
#include "workflows/synthesis/kinds/prompts.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

TEST(KindRegistry, HoldsTheTwelve) {
  const KindRegistry registry = KindRegistry::built_in();
  EXPECT_THAT(registry.names(), ElementsAre("Color", "Count", "Spatial", "Scene", "Text", "MultiChoice", "ConvShort",
                                            "ConvLong", "ContrastShort", "ContrastLong", "Reasoning", "TextQA"));
  EXPECT_EQ(registry.find("Color").family, "alignment");
  EXPECT_EQ(registry.find("ContrastLong").pictures, 2);
  EXPECT_EQ(registry.find("MultiChoice").options, 4);
}

TEST(KindRegistry, EveryKindAsksInTwelveFormsAtLeastAndEveryQueryInSix) {
  const KindRegistry registry = KindRegistry::built_in();
  for (const Kind& kind : registry.kinds()) {
    size_t most = 0;
    size_t all = 0;
    for (const QuestionForms& forms : kind.grammar) {
      EXPECT_THAT(forms.questions, SizeIs(Ge(6U))) << kind.name << ' ' << forms.query;
      most = std::max(most, forms.questions.size());
      all += forms.questions.size();
    }
    EXPECT_GE(all, 40U) << kind.name;
    if (kind.family == "alignment") {
      EXPECT_GE(most, 12U) << kind.name;
    }
  }
}

TEST(KindRegistry, PromptsAskForTheReplyThatIsUnderstood) {
  const KindRegistry registry = KindRegistry::built_in();
  for (const Kind& kind : registry.kinds()) {
    const std::string expand = expand_request(kind, "a cat {ask_rules}");
    EXPECT_THAT(expand, AllOf(HasSubstr("a cat {ask_rules}"), HasSubstr(R"({"descriptions": )"))) << kind.name;
    const std::string ask = ask_request(kind, {"a red cat", "a blue cat"});
    EXPECT_THAT(ask, AllOf(HasSubstr("a red cat"), HasSubstr(R"({"conversation": [{"question": )"))) << kind.name;
    EXPECT_EQ(kind.options > 0, ask.find("options") != std::string::npos) << kind.name;
    EXPECT_EQ(kind.pictures == 2, ask.find("Right picture: a blue cat") != std::string::npos) << kind.name;
    EXPECT_THAT(ask, Not(HasSubstr("{rounds}")));
  }
}

TEST(KindRegistry, TwoPicturesNeedTwoDescriptions) {
  const KindRegistry registry = KindRegistry::built_in();
  EXPECT_THAT(error_of([&] { ask_request(registry.find("ContrastShort"), {"one"}); }), HasSubstr("2 descriptions"));
}

TEST(KindRegistry, NamesTheKindThatAnUnknownOneResembles) {
  EXPECT_THAT(error_of([] { KindRegistry::built_in().find("Colour"); }), HasSubstr("did you mean Color"));
  EXPECT_THAT(error_of([] { KindRegistry::built_in().find("Zoology"); }), HasSubstr("kind_files"));
}

TEST(KindRegistry, AFileAddsAKindOrReplacesOne) {
  const ScratchFolder folder;
  std::string text(definition("color.yaml"));
  const auto write = [&folder](const std::string& content) { return folder.put("mine.yaml", content); };
  KindRegistry registry = KindRegistry::built_in();
  registry.add_file(write(text + "max_rounds: 2\n"));
  EXPECT_THAT(registry.names(), SizeIs(12));
  EXPECT_EQ(registry.find("Color").max_rounds, 2);

  text.replace(text.find("name: Color"), 11, "name: Hue");
  registry.add_file(write(text));
  EXPECT_EQ(registry.names().back(), "Hue");

  EXPECT_THAT(error_of([&] { registry.add_file(write("name: Broken\n")); }), HasSubstr("mine.yaml"));
  EXPECT_THAT(error_of([&] { registry.add_file(folder / "none.yaml"); }), HasSubstr("none.yaml"));
  EXPECT_THAT(error_of([&] { registry.add_file(write(std::string(2 << 20, ' '))); }), HasSubstr("mine.yaml"));
  EXPECT_THAT(registry.names(), SizeIs(13));
}

}  // namespace
}  // namespace fusion
