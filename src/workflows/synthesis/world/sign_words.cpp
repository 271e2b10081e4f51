#include "workflows/synthesis/world/sign_words.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

// Words of two to six letters, for reading letter by letter.
constexpr auto kShortWords = std::to_array<std::string_view>(
    {"GO",     "UP",     "IN",     "NO",     "ON",     "OFF",    "OUT",    "BUS",    "CAR",    "CAT",    "DOG",
     "EAT",    "TEA",    "ICE",    "PIE",    "JAM",    "HOT",    "NEW",    "OLD",    "BIG",    "SUN",    "SEA",
     "SKY",    "ZOO",    "SPA",    "GYM",    "INN",    "BAR",    "ART",    "TOY",    "MAP",    "FUN",    "WIN",
     "YES",    "RUN",    "TAXI",   "STOP",   "EXIT",   "OPEN",   "SALE",   "FREE",   "SLOW",   "PULL",   "PUSH",
     "HELP",   "INFO",   "BANK",   "BOOK",   "CAFE",   "CAKE",   "CITY",   "CLUB",   "COLD",   "DOOR",   "EAST",
     "WEST",   "FARM",   "FISH",   "FOOD",   "GIFT",   "GOLD",   "GOOD",   "HOME",   "HOPE",   "KEEP",   "KIDS",
     "LAKE",   "LEFT",   "LOVE",   "MAIN",   "MENU",   "MILK",   "MOON",   "NEWS",   "NEXT",   "PARK",   "PLAY",
     "POOL",   "POST",   "QUIZ",   "RENT",   "ROAD",   "ROOM",   "SHIP",   "SHOP",   "SHOW",   "SNOW",   "SOUP",
     "STAR",   "SWIM",   "TEAM",   "TIME",   "TOUR",   "TOWN",   "WALK",   "WASH",   "WIFI",   "WIND",   "WOOD",
     "ZONE",   "BEACH",  "BREAD",  "BRICK",  "CHESS",  "CLEAN",  "CLOCK",  "CREAM",  "DANCE",  "DREAM",  "EARTH",
     "ENTER",  "FIELD",  "FRESH",  "FRUIT",  "GAMES",  "GLASS",  "GRAND",  "GREAT",  "GUIDE",  "HAPPY",  "HELLO",
     "HORSE",  "HOTEL",  "HOUSE",  "JUICE",  "LEMON",  "LIGHT",  "LUNCH",  "MAGIC",  "MARCH",  "METRO",  "MOUSE",
     "MUSIC",  "NORTH",  "NURSE",  "OCEAN",  "PAINT",  "PARTY",  "PEACE",  "PIANO",  "PIZZA",  "PLANT",  "QUEEN",
     "QUIET",  "RADIO",  "RIGHT",  "RIVER",  "ROBOT",  "ROYAL",  "SALAD",  "SHOES",  "SMILE",  "SOUTH",  "SPORT",
     "STAFF",  "STONE",  "SUGAR",  "SWEET",  "TABLE",  "TIGER",  "TODAY",  "TOOLS",  "TRAIN",  "TRUCK",  "VIDEO",
     "VISIT",  "WATER",  "WHALE",  "WORLD",  "YOUTH",  "ANIMAL", "BAKERY", "BASKET", "BRIDGE", "BUTTER", "CAMERA",
     "CASTLE", "CHEESE", "CINEMA", "CIRCUS", "CLOSED", "COFFEE", "DANGER", "DOCTOR", "FLOWER", "FOREST", "FRIDAY",
     "GARAGE", "GARDEN", "GUITAR", "HARBOR", "ISLAND", "JACKET", "JUNGLE", "LAUNCH", "LETTER", "MARKET", "MIRROR",
     "MONDAY", "MUSEUM", "NUMBER", "OFFICE", "ORANGE", "PENCIL", "PLANET", "POCKET", "POLICE", "RABBIT", "RECORD",
     "ROCKET", "SAFETY", "SAILOR", "SCHOOL", "SILVER", "SOCCER", "SPRING", "STUDIO", "SUMMER", "SUNDAY", "TEMPLE",
     "TICKET", "TUNNEL", "VIOLIN", "WINDOW", "WINNER", "WINTER", "YELLOW"});

constexpr auto kLongWords = std::to_array<std::string_view>(
    {"WELCOME",   "STATION",   "LIBRARY",   "HOSPITAL", "PHARMACY",    "BICYCLE",   "BREAKFAST", "CHOCOLATE",
     "ELEPHANT",  "FESTIVAL",  "FIREWORKS", "GALLERY",  "HOLIDAY",     "JEWELRY",   "KITCHEN",   "LAUNDRY",
     "MOUNTAIN",  "NATURE",    "ORCHESTRA", "PARKING",  "RAINBOW",     "RESTROOM",  "SANDWICH",  "SATURDAY",
     "SCIENCE",   "SHELTER",   "STADIUM",   "SUNSHINE", "SWIMMING",    "THEATER",   "THURSDAY",  "TOMORROW",
     "TREASURE",  "UMBRELLA",  "VACATION",  "VILLAGE",  "WEDNESDAY",   "WORKSHOP",  "AIRPORT",   "AQUARIUM",
     "BALLOON",   "BUTTERFLY", "CAMPING",   "CONCERT",  "DELIVERY",    "EMERGENCY", "ENTRANCE",  "EXPRESS",
     "FURNITURE", "HIGHWAY",   "INTERNET",  "LEMONADE", "OBSERVATORY", "PLAYGROUND"});

constexpr auto kNotices = std::to_array<std::string_view>(
    {"NO\nPARKING",     "KEEP\nLEFT",      "KEEP\nRIGHT",   "WET\nPAINT",      "ONE\nWAY",         "NO\nENTRY",
     "ROAD\nWORK",      "BUS\nSTOP",       "FREE\nWIFI",    "BOOK\nFAIR",      "HALF\nPRICE",      "SORRY\nCLOSED",
     "COME IN\nOPEN",   "MIND THE\nSTEP",  "LOST\nCAT",     "FOUND\nDOG",      "FRESH\nEGGS",      "HOT\nSOUP",
     "NO\nSWIMMING",    "TICKETS\nHERE",   "QUIET\nPLEASE", "THANK\nYOU",      "GOOD\nLUCK",       "WELCOME\nHOME",
     "PET\nSHOP",       "ICE\nCREAM",      "TAKE\nONE",     "PLEASE\nWAIT",    "LAST\nDAY",        "GRAND\nOPENING",
     "DO NOT\nTOUCH",   "FIRST\nAID",      "SECOND\nFLOOR", "SPEED\nLIMIT 30", "SPEED\nLIMIT 50",  "CITY\nTOUR",
     "CAR\nWASH",       "LIVE\nMUSIC",     "SUMMER\nSALE",  "WINTER\nGAMES",   "HAPPY\nBIRTHDAY",  "BEWARE OF\nTHE DOG",
     "PARTY\nAT\nNOON", "BACK\nAT\nTHREE", "RUN\nFOR\nFUN", "SAVE\nTHE\nSEA",  "READ\nMORE\nBOOKS"});

constexpr auto kNames = std::to_array<std::string_view>(
    {"Anna", "Ben",   "Carla", "David", "Emma", "Felix", "Grace", "Henry", "Ivy",  "Jack",   "Karen", "Leo", "Mia",
     "Nora", "Oscar", "Paula", "Quinn", "Rosa", "Sam",   "Tina",  "Umar",  "Vera", "Walter", "Yara",  "Zoe"});
constexpr auto kShops = std::to_array<std::string_view>(
    {"Cafe", "Bakery", "Books", "Flowers", "Garage", "Grill", "Kitchen", "Market", "Music", "Pizza", "Shoes", "Toys"});

// Without vowels nothing becomes a word by chance.
constexpr std::string_view kAlphabet = "BCDFGHJKLMNPRSTVWXYZ";

constexpr std::string_view kConsonants = "BCDFGHKLMNPRSTVWZ";
constexpr std::string_view kVowels = "AEIOU";

// In the order of SignForm.
constexpr std::array<std::string_view, 9> kFormNames = {"word", "long_word", "notice",  "shop",     "price",
                                                        "time", "number",    "letters", "syllables"};

std::string two_digits(int64_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

std::string draw_letters(RandomSource& random) {
  std::string text;
  for (int64_t left = random.between(2, 4); left > 0; --left) text += random.pick(kAlphabet);
  if (random.chance(0.5)) text += ' ' + std::to_string(random.between(10, 999));
  return text;
}

std::string draw_syllables(RandomSource& random) {
  std::string text;
  bool vowel = random.chance(0.3);
  for (int64_t left = random.between(3, 6); left > 0; --left) {
    text += random.pick(vowel ? kVowels : kConsonants);
    vowel = !vowel;
  }
  return text;
}

std::string draw(SignForm form, RandomSource& random) {
  switch (form) {
    case SignForm::kWord:
      return std::string(random.pick(kShortWords));
    case SignForm::kLongWord:
      return std::string(random.pick(kLongWords));
    case SignForm::kNotice:
      return std::string(random.pick(kNotices));
    case SignForm::kShop:
      return std::string(random.pick(kNames)) + "'s\n" + std::string(random.pick(kShops));
    case SignForm::kPrice:
      return "$" + std::to_string(random.between(1, 49)) + "." + two_digits(random.between(0, 19) * 5);
    case SignForm::kTime:
      return std::to_string(random.between(1, 12)) + ":" + two_digits(random.between(0, 11) * 5);
    case SignForm::kNumber:
      return (random.chance(0.5) ? "ROOM " : "No. ") + std::to_string(random.between(1, 199));
    case SignForm::kLetters:
      return draw_letters(random);
    case SignForm::kSyllables:
      return draw_syllables(random);
  }
  return {};
}

/// How often a sign has each form, against the others.
constexpr std::array<int64_t, 9> kShares = {42, 12, 12, 8, 7, 6, 6, 7, 58};

int64_t share_of(SignForm form) {
  return kShares[static_cast<size_t>(form)];
}

SignForm draw_form(std::span<const SignForm> forms, RandomSource& random) {
  int64_t total = 0;
  for (const SignForm form : forms) total += share_of(form);
  auto left = random.between(0, total - 1);
  size_t i = 0;
  while (left >= share_of(forms[i])) left -= share_of(forms[i++]);
  return forms[i];
}

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

template <class Table>
bool holds(const Table& table, std::string_view text) {
  for (const std::string_view each : table) {
    if (each == text) return true;
  }
  return false;
}

SignForm form_of(std::string_view text) {
  if (text.starts_with('$')) return SignForm::kPrice;
  if (text.starts_with("ROOM ") || text.starts_with("No. ")) return SignForm::kNumber;
  if (!text.empty() && !is_letter(text.front())) return SignForm::kTime;
  if (text.find("'s\n") != std::string_view::npos) return SignForm::kShop;
  if (text.find('\n') != std::string_view::npos) return SignForm::kNotice;
  if (holds(kShortWords, text)) return SignForm::kWord;
  if (holds(kLongWords, text)) return SignForm::kLongWord;
  return text.find_first_of(kVowels) == std::string_view::npos ? SignForm::kLetters : SignForm::kSyllables;
}

}  // namespace

std::vector<SignForm> sign_forms(std::span<const std::string> names) {
  std::vector<SignForm> forms;
  for (const std::string& name : names) {
    const auto found = std::ranges::find(kFormNames, name);
    if (found == kFormNames.end()) {
      throw Error({.who = "world: signs", .expected = cat("some of ", join(kFormNames, ", ")), .got = printable(name)});
    }
    forms.push_back(static_cast<SignForm>(found - kFormNames.begin()));
  }
  if (!forms.empty()) return forms;
  for (auto form = SignForm::kWord; form != SignForm::kSyllables; form = static_cast<SignForm>(int(form) + 1)) {
    forms.push_back(form);
  }
  return forms;
}

std::string draw_sign_text(std::span<const SignForm> forms, RandomSource& random) {
  return draw(draw_form(forms, random), random);
}

std::string draw_other_sign_text(const std::string& text, RandomSource& random) {
  const SignForm form = form_of(text);
  std::string other = draw(form, random);
  while (other == text) other = draw(form, random);
  return other;
}

}  // namespace fusion
