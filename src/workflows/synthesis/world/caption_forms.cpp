#include "workflows/synthesis/world/caption_forms.h"

#include "workflows/synthesis/world/scene_words.h"

namespace fusion {

namespace {

constexpr CaptionForm kCommon[] = {
    {"[A picture|An image|A scene|A drawing] [of|with|that shows] {things} {place}.", kHasContent, 0},
    {"{things} {place}.", kHasContent, 0},
    {"{there are} {things} {place}.", kHasContent, 0},
    {"{place}, {there are} {things}.", kHasContent, 0},
    {"{things} can be [seen|found|spotted|made out] {place}.", kHasContent, 0},
    {"{things} {are} [shown|pictured|depicted|visible] {place}.", kHasContent, 0},
    {"[This picture|This image|The picture|The image] [shows|contains|presents|features] {things} {place}.",
     kHasContent, 0},
    {"[Here we see|We see|One can see|You can see] {things} {place}.", kHasContent, 0},
    {"[A simple|A clear|A neat|A calm] [picture|image|illustration|view] of {things} {place}.", kHasContent, 0},
    {"{setting} [where|in which] {things} can be seen.", kHasContent | kHasPlace, 0},
    {"{setting} with {things} in [view|sight].", kHasContent | kHasPlace, 0},
    {"{things}, [shown|seen|set|pictured] {place}.", kHasContent, 0},
    {"[Set|Placed|Arranged] {place}: {things}.", kHasContent, 0},
    {"[In the picture|In this image|In view] {there are} {things}, {place}.", kHasContent, 0},
    {"What [the picture|this image|the scene] shows [is|comes down to] this: {things} {place}.", kHasContent, 0},
    {"{first}, together with {rest}, {place}.", kHasMoreGroups, kHasSigns},
    {"{first} and, [besides|in addition|as well], {rest} {place}.", kHasMoreGroups, kHasSigns},
    {"[A picture|An image|A view] of {setting}, [with nothing in front of it|and nothing else|empty].", kIsEmpty, 0},
    {"[Nothing but|Just|Only] {setting}.", kIsEmpty, 0},
    {"{chart}: {values}.", kHasChart, 0},
    {"{chart}, [showing|with the values|which reads] {values}.", kHasChart, 0},
    {"[The picture|This image|The graphic] is {chart}. It [shows|gives] {values}.", kHasChart, 0},
    {"{chart} {place}, with [these values|the values]: {values}.", kHasChart, 0},
    {"{grid}, with {cells}.", kHasGrid, 0},
    {"[The picture|This image|The graphic] shows {grid}: {cells}.", kHasGrid, 0},
    {"{grid} {place}. It [holds|has|contains] {cells}.", kHasGrid, 0},
};

constexpr CaptionForm kColor[] = {
    {"{colorless first}, [colored|painted|drawn in] {color}, {place}.", kHasOneGroup | kHasColor | kHasSingle,
     kHasSigns},
    {"{place}, {there are} {colorless first}, [colored|all] {color}.", kHasOneGroup | kHasColor | kHasPlural,
     kHasSigns},
    {"[In|Done in] {colors}: {things} {place}.", kHasAllColors, kHasSigns},
    {"[The things are|The things here are|Things in] {colors}: {things} {place}.", kHasAllColors, kHasSigns},
    {"{color} is the color of the {bare first} {place}[| in this picture]: {first}{with rest}.", kHasColor, kHasSigns},
    {"{first} [beside|in the company of|along with] {rest}, {place}.", kHasMoreGroups | kHasColor, kHasSigns},
    {"[A picture in color|A colored picture|A color image] of {things} {place}.", kHasColor, kHasSigns},
    {"[Look for|Note|Notice] the [color|colors]: {things} {place}.", kHasColor, kHasSigns},
};

constexpr CaptionForm kCount[] = {
    {"[Exactly|Precisely|No more and no fewer than] {counted} {place}.", kHasThings, kHasSigns},
    {"{counted} {place}, {total} [in all|in total|altogether].", kHasThings, kHasSigns},
    {"{total} {place}: {counted}.", kHasThings, kHasSigns},
    {"[Counting|If you count] the [things|objects] {place}, [one gets|you get|one finds] {counted}.", kHasThings,
     kHasSigns},
    {"[A group|A set|A collection] of {first} {place}.", kHasOneGroup | kHasPlural, kHasSigns},
    {"[A total of|No fewer than|In sum] {total} can be [seen|counted] {place}: {counted}.", kHasMoreGroups, kHasSigns},
    {"[Altogether|In all] {there are} {counted} {place}.", kHasThings, kHasSigns},
    {"[Count them|A quick count]: {counted}, {place}.", kHasThings, kHasSigns},
};

constexpr CaptionForm kSpatial[] = {
    {"{first} {relation} {second}{with more}, {place}.", kHasRelation, kHasSigns},
    {"{place}, {first} is {relation} {second}{with more}.", kHasRelation | kHasSingle, kHasSigns},
    {"{second} {reverse relation} {first}{with more}, [seen|shown] {place}.", kHasRelation, kHasSigns},
    {"[A picture|An image|A view] in which {first} is {relation} {second}{with more}, {place}.",
     kHasRelation | kHasSingle, kHasSigns},
    {"[Seen|Found|Placed] {relation} {second} {place}: {first}{with more}.", kHasRelation, kHasSigns},
    {"{first} {region} of the [picture|image|view]{with rest}, {place}.", kHasRegion, kHasSigns},
    {"[The picture|This image] has {first} {region}{with rest}, {place}.", kHasRegion, kHasSigns},
    {"{region}, {there are} {first}{with rest}. [All of it|Everything] is {place}.", kHasRegion, kHasSigns},
};

constexpr CaptionForm kScene[] = {
    {"[A view|A picture|An image] of {setting}{with things}.", kHasPlace, 0},
    {"{setting}{with things}, [seen in a picture|as a picture|in one view].", kHasPlace, 0},
    {"{setting}: {features}. [There one sees|It holds|In view are] {things}.", kHasFeatures | kHasContent, 0},
    {"{setting}, with {features}.", kHasFeatures | kIsEmpty, 0},
    {"{features}: [this is|we are looking at|the picture shows] {setting}{with things}.", kHasFeatures, 0},
    {"The [setting|place|backdrop] is {setting}, [and it shows|which holds|and in it are] {things}.",
     kHasPlace | kHasContent, 0},
    {"[A {weather} day|{weather} weather] {place}{with things}.", kHasWeather, 0},
    {"[Somewhere|A place] {shelter}: {setting}{with things}.", kHasShelter, 0},
    {"[The scene is|The picture takes us to|We look at] {setting}{with things}.", kHasPlace, 0},
};

constexpr CaptionForm kText[] = {
    {"{sign} [with the words|that says|saying|with the text] {text}{with groups} {place}.", kHasOneSign, 0},
    {"{text} [is written|stands|can be read] on {sign} {place}{with groups}.", kHasOneSign, 0},
    {"{text}, [in|written in|printed in] {ink} on {sign}, {place}{with groups}.", kHasOneSign, 0},
    {"[A picture|An image|A view] of {signs} {place}{with groups}.", kHasSigns, 0},
    {"{place}, [one can read|there stands|it says] {text} on {sign}{with groups}.", kHasOneSign, 0},
    {"[Words to read|Something to read] {place}: {signs}{with groups}.", kHasSigns, 0},
    {"[The words|The letters] {text} in {ink} on {sign}{with groups}, {place}.", kHasOneSign, 0},
    {"{signs}, [easy to read|seen|set up] {place}{with groups}.", kHasSigns, 0},
};

}  // namespace

std::span<const CaptionForm> common_forms() {
  return kCommon;
}
std::span<const CaptionForm> color_forms() {
  return kColor;
}
std::span<const CaptionForm> count_forms() {
  return kCount;
}
std::span<const CaptionForm> spatial_forms() {
  return kSpatial;
}
std::span<const CaptionForm> scene_forms() {
  return kScene;
}
std::span<const CaptionForm> text_forms() {
  return kText;
}

}  // namespace fusion
