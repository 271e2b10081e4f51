#include "foundation/http/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "foundation/config/test_support.h"
#include "foundation/http/base64.h"

namespace fusion {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Url, ReadsHostPortAndPath) {
  const Url plain = parse_url("http://Example.org", "url");
  EXPECT_FALSE(plain.tls);
  EXPECT_EQ(plain.host, "example.org");
  EXPECT_EQ(plain.port, 80);
  EXPECT_EQ(plain.target, "/");
  const Url full = parse_url("HTTPS://api.example.org:8443/v1/models?page=2&x=a/b", "url");
  EXPECT_TRUE(full.tls);
  EXPECT_EQ(full.authority(), "api.example.org:8443");
  EXPECT_EQ(full.target, "/v1/models?page=2&x=a/b");
  EXPECT_EQ(parse_url("https://a?b=c", "url").target, "/?b=c");
  EXPECT_EQ(parse_url("https://a", "url").port, 443);
}

TEST(Url, ReadsIpv6Addresses) {
  const Url url = parse_url("http://[2001:DB8::1]:8080/v1", "url");
  EXPECT_EQ(url.host, "2001:db8::1");
  EXPECT_EQ(url.authority(), "[2001:db8::1]:8080");
  EXPECT_EQ(parse_url("http://[::1]", "url").port, 80);
}

TEST(Url, PutsAPathBehindItsOwn) {
  EXPECT_EQ(parse_url("http://a/v1/", "url").with_path("/chat").target, "/v1/chat");
  EXPECT_EQ(parse_url("http://a", "url").with_path("/chat").target, "/chat");
  EXPECT_EQ(parse_url("http://a/v1?key=b", "url").with_path("/chat").target, "/v1/chat");
}

TEST(Url, TellsServersApart) {
  const Url url = parse_url("https://a/x", "url");
  EXPECT_TRUE(url.same_origin(parse_url("https://A:443/y", "url")));
  EXPECT_FALSE(url.same_origin(parse_url("http://a:443/x", "url")));
  EXPECT_FALSE(url.same_origin(parse_url("https://a:444/x", "url")));
  EXPECT_FALSE(url.same_origin(parse_url("https://a.b/x", "url")));
}

TEST(Url, RefusesWhatIsNoAddress) {
  const std::vector<std::string> broken = {"",
                                           "a.b/c",
                                           "ftp://a/b",
                                           "http://",
                                           "http:///v1",
                                           "http://a:/v1",
                                           "http://a:0",
                                           "http://a:65536",
                                           "http://a:8o8o",
                                           "http://a:-1",
                                           "http://a b/",
                                           "http://a/\r\nX-Key: 1",
                                           "http://[::1",
                                           "http://[::1]8080",
                                           "http://[v1]/",
                                           "http://a/#top",
                                           "http://a_b:80x/",
                                           "http://h\xC3\xB6st/",
                                           "http://a:80:90/",
                                           std::string("http://a/\0b", 11),
                                           "http://" + std::string(5000, 'a')};
  for (const std::string& text : broken) {
    EXPECT_THAT(error_of([&] { parse_url(text, "base_url"); }), HasSubstr("base_url: expected ")) << text;
  }
}

TEST(Url, RefusesAPasswordWithoutRepeatingIt) {
  const std::string message = error_of([] { parse_url("https://user:sesame@host/v1", "base_url"); });
  EXPECT_THAT(message, HasSubstr("environment variable"));
  EXPECT_THAT(message, Not(HasSubstr("sesame")));
}

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

TEST(Base64, KnowsTheExamplesOfItsStandard) {
  const std::vector<std::pair<std::string, std::string>> examples = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(base64_encode(bytes_of(bytes)), text);
    EXPECT_EQ(base64_decode(text), bytes_of(bytes));
  }
  EXPECT_EQ(base64_decode("Zm9v\r\nYmFy\n"), bytes_of("foobar"));
}

TEST(Base64, RefusesOtherTexts) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "=", "====", "Z=g=", "Zm9v!mFy", "Zm9v Zm9", "Zm9vYm-_"}) {
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace fusion
